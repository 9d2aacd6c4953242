package raft

import (
	"context"
	"log"
	"time"

	"flint/lab/services/internal/etcd"
)

// promoteLearners gives learners their vote as soon as they have caught up; only the leader's process does anything.
func (n *Node) promoteLearners(ctx context.Context) {
	last := ""
	for sleep(ctx, 2*time.Second) {
		if state, _ := n.current(); state != running {
			continue
		}
		if refusal := n.promoteOnce(ctx); refusal != last {
			last = refusal
			if refusal != "" {
				log.Print(refusal)
			}
		}
	}
}

func (n *Node) promoteOnce(ctx context.Context) (refusal string) {
	status, err := n.etcd.Status(ctx)
	if err != nil || !status.Leads() {
		return ""
	}
	// Mostly there is none: on an emulated processor even a look costs something.
	rows, err := n.etcd.Members(ctx)
	if err != nil || !anyLearner(rows) {
		return ""
	}
	view, _, err := n.list(ctx)
	if err != nil {
		return ""
	}
	for _, member := range view.Members {
		if member.Role != "learner" || !member.Started {
			continue
		}
		switch err := n.etcd.Promote(ctx, member.etcdID); {
		case err == nil:
			log.Printf("%s has caught up and is a voter now", member.ID)
		case !etcd.NotReady(err):
			refusal = member.ID + " stays a learner: " + err.Error()
		}
	}
	return refusal
}

func anyLearner(rows []etcd.Member) bool {
	for _, row := range rows {
		if row.IsLearner {
			return true
		}
	}
	return false
}
