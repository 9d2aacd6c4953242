// Package plasmavmc plays PlasmaVMC: it is healthy while one IAM of the cluster is.
package plasmavmc

import (
	"context"
	"net/http"
	"time"

	"flint/lab/services/internal/web"
)

// Service asks the IAMs at each request.
type Service struct {
	client *http.Client
	iams   []string
}

// New is for the IAMs at these base URLs.
func New(client *http.Client, iams []string) *Service { return &Service{client, iams} }

// Handler serves /health.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/health", web.Method(s.serveHealth, http.MethodGet, http.MethodHead))
	return mux
}

func (s *Service) serveHealth(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 12*time.Second)
	defer cancel()
	answers := make(chan int, len(s.iams))
	for _, url := range s.iams {
		go func(url string) { answers <- web.Probe(ctx, s.client, url+"/health") }(url)
	}
	for range s.iams {
		if <-answers == http.StatusOK {
			web.JSON(w, http.StatusOK, web.Map{"status": "healthy"})
			return
		}
	}
	web.JSON(w, http.StatusServiceUnavailable, web.Map{"status": "no-iam"})
}
