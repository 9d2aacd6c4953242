package raft

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"flint/lab/services/internal/web"
)

const (
	keysPath   = "/v1/kv/"
	keysPrefix = "kv/"
	valueLimit = 1 << 20
)

// serveKey reads, writes and deletes one key, linearisably. Learners send to the leader.
func (n *Node) serveKey(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.URL.Path, keysPath)
	if key == "" {
		web.Problem(w, http.StatusBadRequest, "the key is missing")
		return
	}
	if state, _ := n.current(); state != running {
		web.Problem(w, http.StatusServiceUnavailable, "not a running member: "+state)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 6*time.Second)
	defer cancel()
	if status, err := n.etcd.Status(ctx); err != nil {
		refused(w, err)
		return
	} else if status.IsLearner {
		n.pointToLeader(w, r, http.StatusTemporaryRedirect)
		return
	}
	switch r.Method {
	case http.MethodPut:
		n.putKey(ctx, w, r, key)
	case http.MethodDelete:
		existed, err := n.etcd.Delete(ctx, keysPrefix+key)
		if err != nil {
			refused(w, err)
			return
		}
		web.JSON(w, http.StatusOK, web.Map{"key": key, "deleted": existed})
	default:
		n.getKey(ctx, w, key)
	}
}

func (n *Node) putKey(ctx context.Context, w http.ResponseWriter, r *http.Request, key string) {
	value, err := io.ReadAll(http.MaxBytesReader(w, r.Body, valueLimit))
	if err != nil {
		web.Problem(w, http.StatusRequestEntityTooLarge, err.Error())
		return
	}
	if err := n.etcd.Put(ctx, keysPrefix+key, value); err != nil {
		refused(w, err)
		return
	}
	web.JSON(w, http.StatusOK, web.Map{"key": key})
}

func (n *Node) getKey(ctx context.Context, w http.ResponseWriter, key string) {
	value, found, err := n.etcd.Get(ctx, keysPrefix+key)
	switch {
	case err != nil:
		refused(w, err)
	case !found:
		web.Problem(w, http.StatusNotFound, "no such key")
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(value)
	}
}
