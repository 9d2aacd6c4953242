package raft

import (
	"context"
	"log"
	"net/http"
	"time"

	"flint/lab/services/internal/cluster"
	"flint/lab/services/internal/etcd"
	"flint/lab/services/internal/identity"
	"flint/lab/services/internal/web"
)

// change answers a change of members and says so in the journal, with who asked.
func change(w http.ResponseWriter, r *http.Request, status int, what string, body web.Map) {
	caller, _ := identity.Caller(r)
	log.Printf("%s by %s: %d", what, caller, status)
	web.JSON(w, status, body)
}

// serveAdd adds a learner. It gets its vote from promoteLearners.
func (n *Node) serveAdd(w http.ResponseWriter, r *http.Request) {
	var want struct {
		ID       string `json:"id"`
		RaftAddr string `json:"raft_addr"`
	}
	if !readJSON(w, r, &want) {
		return
	}
	if !cluster.ValidID(want.ID) || !cluster.ValidAddr(want.RaftAddr) {
		web.Problem(w, http.StatusBadRequest, "id must be a host label and raft_addr host:port")
		return
	}
	n.membership.Lock()
	defer n.membership.Unlock()
	view, _, err := n.list(r.Context())
	if err != nil {
		refused(w, err)
		return
	}
	what := "add " + want.ID + " at " + want.RaftAddr
	for _, member := range view.Members {
		if member.ID == want.ID || member.RaftAddr == want.RaftAddr {
			change(w, r, http.StatusConflict, what, web.Map{"error": "already a member", "id": member.ID, "raft_addr": member.RaftAddr})
			return
		}
	}
	// The name first: once the member is in the list it can be called by it.
	if err := n.etcd.Put(r.Context(), namesPrefix+want.RaftAddr, []byte(want.ID)); err != nil {
		refused(w, err)
		return
	}
	if err := n.etcd.AddLearner(r.Context(), "https://"+want.RaftAddr); err != nil {
		log.Printf("%s: %v", what, err)
		refused(w, err)
		return
	}
	change(w, r, http.StatusOK, what, web.Map{"id": want.ID, "raft_addr": want.RaftAddr, "role": "learner"})
}

// serveRemove takes a member out. The leader that removes itself hands leadership over first.
func (n *Node) serveRemove(w http.ResponseWriter, r *http.Request) {
	var want struct {
		ID string `json:"id"`
	}
	if !readJSON(w, r, &want) {
		return
	}
	n.membership.Lock()
	defer n.membership.Unlock()
	view, status, err := n.list(r.Context())
	if err != nil {
		refused(w, err)
		return
	}
	what := "remove " + want.ID
	member, found := view.find(want.ID)
	if !found {
		change(w, r, http.StatusNotFound, what, web.Map{"error": want.ID + " is not a member"})
		return
	}
	if member.Role != "learner" && len(view.voters()) == 1 {
		change(w, r, http.StatusConflict, what, web.Map{"error": want.ID + " is the last voter; stop it and delete its data to dissolve the cluster"})
		return
	}
	if member.etcdID == status.Self() {
		if err := n.stepDown(r.Context(), view, status); err != nil {
			log.Printf("%s: %v", what, err)
			refused(w, err)
			return
		}
	}
	if err := n.etcd.Remove(r.Context(), member.etcdID); err != nil && !etcd.NotFound(err) {
		log.Printf("%s: %v", what, err)
		refused(w, err)
		return
	}
	_, _ = n.etcd.Delete(r.Context(), namesPrefix+member.RaftAddr)
	change(w, r, http.StatusOK, what, web.Map{"id": member.ID, "raft_addr": member.RaftAddr})
}

// stepDown gives leadership to the healthy voter whose log is the longest, and waits until it leads.
func (n *Node) stepDown(ctx context.Context, view *Membership, own etcd.Status) error {
	n.examine(ctx, view, own)
	var heir *Member
	for i, voter := range view.Members {
		if voter.Role != "follower" || !voter.Healthy || voter.MatchIndex == nil {
			continue
		}
		if heir == nil || *voter.MatchIndex > *heir.MatchIndex {
			heir = &view.Members[i]
		}
	}
	if heir == nil {
		return &etcd.Error{Status: http.StatusServiceUnavailable, Message: "no healthy voter to hand leadership to"}
	}
	return n.handOver(ctx, heir.etcdID)
}

func (n *Node) handOver(ctx context.Context, to etcd.ID) error {
	if err := n.etcd.MoveLeader(ctx, to); err != nil {
		return err
	}
	for {
		status, err := n.etcd.Status(ctx)
		if err != nil || status.Leader == to {
			return err
		}
		if !sleep(ctx, 50*time.Millisecond) {
			return &etcd.Error{Status: http.StatusServiceUnavailable, Message: "leadership did not move in time"}
		}
	}
}

func (n *Node) serveTransfer(w http.ResponseWriter, r *http.Request) {
	var want struct {
		To string `json:"to"`
	}
	if !readJSON(w, r, &want) {
		return
	}
	n.membership.Lock()
	defer n.membership.Unlock()
	view, _, err := n.list(r.Context())
	if err != nil {
		refused(w, err)
		return
	}
	what := "transfer leadership to " + want.To
	heir, found := view.find(want.To)
	if !found || heir.Role == "learner" {
		change(w, r, http.StatusUnprocessableEntity, what, web.Map{"error": want.To + " is not a voter"})
		return
	}
	if heir.Role != "leader" {
		ctx, cancel := context.WithTimeout(r.Context(), 8*time.Second)
		defer cancel()
		if err := n.handOver(ctx, heir.etcdID); err != nil {
			log.Printf("%s: %v", what, err)
			refused(w, err)
			return
		}
	}
	change(w, r, http.StatusOK, what, web.Map{"leader": want.To})
}
