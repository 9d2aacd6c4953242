package raft

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"flint/lab/services/internal/etcd"
	"flint/lab/services/internal/identity"
	"flint/lab/services/internal/web"
)

// Handler is the member's API.
func (n *Node) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/health", web.Method(n.serveHealth, http.MethodGet, http.MethodHead))
	guarded := map[string]http.HandlerFunc{
		"/admin/cluster/members": web.Method(n.serveMembers, http.MethodGet),
		"/admin/member/progress": web.Method(n.serveProgress, http.MethodGet),
		"/admin/member/add":      web.Method(n.onLeader(n.serveAdd), http.MethodPost),
		"/admin/member/remove":   web.Method(n.onLeader(n.serveRemove), http.MethodPost),
		"/admin/leader/transfer": web.Method(n.onLeader(n.serveTransfer), http.MethodPost),
		keysPath:                 web.Method(n.serveKey, http.MethodGet, http.MethodPut, http.MethodDelete),
	}
	for path, handler := range guarded {
		mux.HandleFunc(path, authorised(handler))
	}
	return mux
}

func authorised(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, allowed := identity.Caller(r)
		switch {
		case allowed:
			handler(w, r)
		case name == "":
			web.Problem(w, http.StatusUnauthorized, "a client certificate is needed")
		default:
			web.Problem(w, http.StatusForbidden, "the certificate of "+name+" is neither the operator's nor a node's")
		}
	}
}

// serveHealth: healthy only while the local etcd has a leader; a node that waits to be added is healthy, too.
func (n *Node) serveHealth(w http.ResponseWriter, r *http.Request) {
	state, dataLost := n.current()
	switch state {
	case waiting:
		body := web.Map{"status": "healthy", "state": waiting}
		if dataLost {
			body["data"] = "lost"
		}
		web.JSON(w, http.StatusOK, body)
		return
	case removed:
		web.JSON(w, http.StatusServiceUnavailable, web.Map{"status": removed})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	status, err := n.etcd.Status(ctx)
	switch {
	case state != running || err != nil:
		web.JSON(w, http.StatusServiceUnavailable, web.Map{"status": starting})
	case status.Leader == 0:
		web.JSON(w, http.StatusServiceUnavailable, web.Map{"status": "no-leader"})
	default:
		web.JSON(w, http.StatusOK, web.Map{"status": "healthy", "state": role(status)})
	}
}

func role(status etcd.Status) string {
	switch {
	case status.IsLearner:
		return "learner"
	case status.Leads():
		return "leader"
	default:
		return "follower"
	}
}

// onLeader lets only the leader's handler run; the others tell who leads.
func (n *Node) onLeader(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if state, _ := n.current(); state != running {
			web.Problem(w, http.StatusServiceUnavailable, "not a running member: "+state)
			return
		}
		status, err := n.etcd.Status(r.Context())
		switch {
		case err != nil:
			web.Problem(w, http.StatusServiceUnavailable, err.Error())
		case status.Leader == 0:
			web.Problem(w, http.StatusServiceUnavailable, "there is no leader")
		case status.Leads():
			handler(w, r)
		default:
			n.pointToLeader(w, r, http.StatusMisdirectedRequest)
		}
	}
}

// pointToLeader answers with the leader's URL: 421 for the admin API, 307 (with the same path) for keys.
func (n *Node) pointToLeader(w http.ResponseWriter, r *http.Request, status int) {
	view, _, err := n.list(r.Context())
	if err != nil {
		view = n.askOthers(r.Context(), 6*time.Second)
	}
	if view == nil || view.Leader == "" {
		web.Problem(w, http.StatusServiceUnavailable, "there is no leader")
		return
	}
	if status == http.StatusTemporaryRedirect {
		w.Header().Set("Location", view.LeaderURL+r.URL.EscapedPath())
	}
	web.JSON(w, status, web.Map{
		"error": "not the leader", "leader": view.Leader, "leader_url": view.LeaderURL, "leader_address": view.LeaderAddress,
	})
}

// refused passes etcd's refusal on: 503 when it may pass, else 500.
func refused(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if etcd.Temporary(err) {
		status = http.StatusServiceUnavailable
	}
	web.Problem(w, status, err.Error())
}

// readJSON is false, with the answer given, when the body is not what it should be.
func readJSON(w http.ResponseWriter, r *http.Request, into interface{}) bool {
	if err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(into); err != nil {
		web.Problem(w, http.StatusBadRequest, "body: "+err.Error())
		return false
	}
	return true
}
