// Package web is what the services' HTTPS listeners have in common.
package web

import (
	"encoding/json"
	"net/http"
)

// Map is a JSON object.
type Map map[string]interface{}

// JSON answers with a status and an object.
func JSON(w http.ResponseWriter, status int, body interface{}) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// Problem answers {"error": …}. 503 asks the caller to come back in a second.
func Problem(w http.ResponseWriter, status int, message string) {
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	JSON(w, status, Map{"error": message})
}

// Method lets only these methods through; others get 405.
func Method(handler http.HandlerFunc, methods ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, method := range methods {
			if r.Method == method {
				handler(w, r)
				return
			}
		}
		Problem(w, http.StatusMethodNotAllowed, "method not allowed")
	}
}
