// Package iam plays IAM: it is healthy while the FlareDB of its node is, once its initial setup is in FlareDB.
package iam

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"flint/lab/services/internal/web"
)

// SetupKey is written to FlareDB by the initial setup.
const SetupKey = "iam/initial-setup"

// Service asks FlareDB at each request.
type Service struct {
	client  *http.Client
	flareDB string
	setUp   atomic.Value
}

// New is for the FlareDB at this base URL.
func New(client *http.Client, flareDB string) *Service {
	return &Service{client: client, flareDB: flareDB}
}

// Handler serves /health.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/health", web.Method(s.serveHealth, http.MethodGet, http.MethodHead))
	return mux
}

func (s *Service) serveHealth(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	status := s.status(ctx)
	code := http.StatusServiceUnavailable
	if status == "healthy" {
		code = http.StatusOK
	}
	web.JSON(w, code, web.Map{"status": status})
}

func (s *Service) status(ctx context.Context) string {
	if web.Probe(ctx, s.client, s.flareDB+"/health") != http.StatusOK {
		return "flaredb-unhealthy"
	}
	// Setting up is done once and for all; only the first sight of it costs a read.
	if s.setUp.Load() != nil {
		return "healthy"
	}
	switch web.Probe(ctx, s.client, s.flareDB+"/v1/kv/"+SetupKey) {
	case http.StatusOK:
		s.setUp.Store(true)
		return "healthy"
	case http.StatusNotFound:
		return "not-set-up"
	default:
		return "flaredb-unreadable"
	}
}
