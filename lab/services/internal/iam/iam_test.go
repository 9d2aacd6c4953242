package iam

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestHealthFollowsFlareDBAndTheSetup(t *testing.T) {
	health, key := http.StatusServiceUnavailable, http.StatusNotFound
	flareDB := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			w.WriteHeader(health)
		} else if r.URL.Path == "/v1/kv/iam/initial-setup" {
			w.WriteHeader(key)
		}
	}))
	defer flareDB.Close()
	service := New(http.DefaultClient, flareDB.URL)
	expect := func(code int, body string) {
		t.Helper()
		w := httptest.NewRecorder()
		service.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/health", nil))
		if w.Code != code || w.Body.String() != body+"\n" {
			t.Errorf("got %d %s, want %d %s", w.Code, w.Body, code, body)
		}
	}
	expect(503, `{"status":"flaredb-unhealthy"}`)
	health = http.StatusOK
	expect(503, `{"status":"not-set-up"}`)
	key = http.StatusServiceUnavailable
	expect(503, `{"status":"flaredb-unreadable"}`)
	key = http.StatusOK
	expect(200, `{"status":"healthy"}`)
	health = http.StatusServiceUnavailable
	expect(503, `{"status":"flaredb-unhealthy"}`)
}
