package raft

import (
	"context"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"

	"flint/lab/services/internal/cluster"
	"flint/lab/services/internal/etcd"
	"flint/lab/services/internal/web"
)

// Membership is the answer to GET /admin/cluster/members. LeaderURL is by name, LeaderAddress by IP.
type Membership struct {
	Leader        string   `json:"leader,omitempty"`
	LeaderURL     string   `json:"leader_url,omitempty"`
	LeaderAddress string   `json:"leader_address,omitempty"`
	Term          uint64   `json:"term"`
	CommitIndex   uint64   `json:"commit_index"`
	Members       []Member `json:"members"`
}

// Member is one row. RaftID is another after the member was removed and added again. MatchIndex is missing where the
// member did not answer.
type Member struct {
	ID         string  `json:"id"`
	RaftAddr   string  `json:"raft_addr"`
	Role       string  `json:"role"`
	Healthy    bool    `json:"healthy"`
	Started    bool    `json:"started"`
	RaftID     string  `json:"raft_id"`
	MatchIndex *uint64 `json:"match_index,omitempty"`

	etcdID etcd.ID
}

func (m *Membership) find(id string) (Member, bool) {
	for _, member := range m.Members {
		if member.ID == id {
			return member, true
		}
	}
	return Member{}, false
}

func (m *Membership) voters() (voters []Member) {
	for _, member := range m.Members {
		if member.Role != "learner" {
			voters = append(voters, member)
		}
	}
	return voters
}

// Where the names of members are kept that were added but have not started, and so have no name in etcd: address → id.
const namesPrefix = "meta/member/"

// list is who is in, without asking the others how they are.
func (n *Node) list(ctx context.Context) (*Membership, etcd.Status, error) {
	status, err := n.etcd.Status(ctx)
	if err != nil {
		return nil, status, err
	}
	rows, err := n.etcd.Members(ctx)
	if err != nil {
		return nil, status, err
	}
	names, err := n.etcd.Prefix(ctx, namesPrefix)
	if err != nil {
		return nil, status, err
	}
	return assemble(n.Group, n.APIPort, status, rows, names), status, nil
}

// assemble makes the answer from etcd's status, member rows, and the names given by address. Sorted by id.
func assemble(group cluster.Group, apiPort int, status etcd.Status, rows []etcd.Member, names map[string]string) *Membership {
	view := &Membership{Term: uint64(status.RaftTerm), CommitIndex: uint64(status.RaftIndex), Members: []Member{}}
	for _, row := range rows {
		member := Member{ID: row.Name, Role: "follower", Started: len(row.ClientURLs) > 0, RaftID: fmt.Sprintf("%x", uint64(row.ID)), etcdID: row.ID}
		if len(row.PeerURLs) > 0 {
			member.RaftAddr = strings.TrimPrefix(row.PeerURLs[0], "https://")
		}
		if member.ID == "" {
			member.ID = names[member.RaftAddr]
		}
		if member.ID == "" {
			member.ID = member.RaftAddr
		}
		if row.IsLearner {
			member.Role = "learner"
		}
		if row.ID == status.Leader {
			member.Role = "leader"
			peer := cluster.Peer{ID: member.ID, RaftAddr: member.RaftAddr}
			view.Leader = member.ID
			view.LeaderURL = group.URLByName(peer, apiPort)
			view.LeaderAddress = cluster.URLByAddress(peer, apiPort)
		}
		view.Members = append(view.Members, member)
	}
	sort.Slice(view.Members, func(i, j int) bool { return view.Members[i].ID < view.Members[j].ID })
	return view
}

// examine asks each member how it is, all at once.
func (n *Node) examine(ctx context.Context, view *Membership, own etcd.Status) {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	var all sync.WaitGroup
	for i := range view.Members {
		member := &view.Members[i]
		if member.etcdID == own.Self() {
			member.report(progress{own.Leader != 0, uint64(own.RaftIndex)})
			continue
		}
		if !member.Started {
			continue
		}
		all.Add(1)
		go func() {
			defer all.Done()
			var told progress
			if n.getFrom(ctx, cluster.Peer{ID: member.ID, RaftAddr: member.RaftAddr}, "/admin/member/progress", &told) == nil {
				member.report(told)
			}
		}()
	}
	all.Wait()
}

// progress is what members tell each other: whether they see a leader, and how far their log is known to be committed.
type progress struct {
	Healthy bool   `json:"healthy"`
	Index   uint64 `json:"index"`
}

func (m *Member) report(p progress) {
	m.Healthy = p.Healthy
	m.MatchIndex = &p.Index
}

func (n *Node) serveProgress(w http.ResponseWriter, r *http.Request) {
	status, err := n.etcd.Status(r.Context())
	if err != nil {
		web.Problem(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	web.JSON(w, http.StatusOK, progress{status.Leader != 0, uint64(status.RaftIndex)})
}

func (n *Node) serveMembers(w http.ResponseWriter, r *http.Request) {
	if state, _ := n.current(); state != running {
		web.Problem(w, http.StatusServiceUnavailable, "not a running member: "+state)
		return
	}
	status, err := n.etcd.Status(r.Context())
	if err == nil && status.IsLearner {
		// etcd's learners do not know the members; pass on what a voter says.
		if view := n.askOthers(r.Context(), 8*time.Second); view != nil {
			web.JSON(w, http.StatusOK, view)
			return
		}
		web.Problem(w, http.StatusServiceUnavailable, "a learner, and no voter answers")
		return
	}
	view, status, err := n.list(r.Context())
	if err != nil {
		web.Problem(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	if !r.URL.Query().Has("brief") {
		n.examine(r.Context(), view, status)
	}
	web.JSON(w, http.StatusOK, view)
}
