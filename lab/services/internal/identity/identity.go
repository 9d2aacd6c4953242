// Package identity is the node's certificate, whom it trusts, and who may call it.
package identity

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Operator is the common name of the operator's client certificate.
const Operator = "flint-operator"

// Identity holds the files of one TLS directory.
type Identity struct {
	dir         string
	certificate tls.Certificate
	roots       *x509.CertPool
	clientRoots *x509.CertPool
}

// Load reads ca.crt, node.crt and node.key, and client-ca.crt where there is one. Keys may be RSA or elliptic.
func Load(dir string) (*Identity, error) {
	id := &Identity{dir: dir}
	var err error
	if id.certificate, err = tls.LoadX509KeyPair(id.CertFile(), id.KeyFile()); err != nil {
		return nil, fmt.Errorf("node certificate in %s: %w", dir, err)
	}
	if id.roots, err = pool(id.CAFile()); err != nil {
		return nil, err
	}
	id.clientRoots, err = pool(filepath.Join(dir, "client-ca.crt"))
	if errors.Is(err, os.ErrNotExist) {
		id.clientRoots, err = id.roots, nil
	}
	return id, err
}

// CertFile, KeyFile and CAFile are the paths, for programs that read the files themselves.
func (id *Identity) CertFile() string { return filepath.Join(id.dir, "node.crt") }
func (id *Identity) KeyFile() string  { return filepath.Join(id.dir, "node.key") }
func (id *Identity) CAFile() string   { return filepath.Join(id.dir, "ca.crt") }

func pool(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	return roots, nil
}

// Server is for a listener whose health is open to anyone and whose other paths ask Caller.
func (id *Identity) Server() *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{id.certificate},
		ClientCAs:    id.clientRoots,
		ClientAuth:   tls.VerifyClientCertIfGiven,
	}
}

// Client calls other services as this node. Redirects are handed back, not followed.
func (id *Identity) Client() *http.Client {
	return &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{
				MinVersion:   tls.VersionTLS12,
				Certificates: []tls.Certificate{id.certificate},
				RootCAs:      id.roots,
			},
			IdleConnTimeout:     30 * time.Second,
			MaxIdleConnsPerHost: 2,
		},
	}
}

// Caller is the name in the verified client certificate, when it may use the admin and key-value API: the operator, or a
// node. A node's certificate names itself among its DNS names, which keeps out certificates made for other purposes.
func Caller(r *http.Request) (name string, allowed bool) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return "", false
	}
	leaf := r.TLS.VerifiedChains[0][0]
	name = leaf.Subject.CommonName
	if name == Operator {
		return name, true
	}
	for _, dns := range leaf.DNSNames {
		if dns == name {
			return name, true
		}
	}
	return name, false
}
