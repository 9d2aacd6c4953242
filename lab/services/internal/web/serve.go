package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"flint/lab/services/internal/notify"
)

// Serve listens, tells systemd that the service is ready, and answers until the context ends.
func Serve(ctx context.Context, address string, config *tls.Config, handler http.Handler) error {
	// HTTP/1.1 only: 421 has a meaning of its own in HTTP/2 clients, and there is little to multiplex.
	config.NextProtos = []string{"http/1.1"}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		ErrorLog:          log.New(withoutProbes{os.Stderr}, "", 0),
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(tls.NewListener(listener, config)) }()
	log.Printf("serving on https://%s", address)
	notify.Send("READY=1")
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// withoutProbes drops the lines that port probes and callers who went away would fill the journal with.
type withoutProbes struct{ to io.Writer }

func (w withoutProbes) Write(line []byte) (int, error) {
	for _, noise := range [][]byte{[]byte("EOF"), []byte("connection reset"), []byte("broken pipe")} {
		if bytes.Contains(line, noise) {
			return len(line), nil
		}
	}
	return w.to.Write(line)
}
