package raft

import (
	"context"
	"time"

	"flint/lab/services/internal/etcd"
)

// How this node takes part, decided from what it has on disk and what the others say.
type part int

const (
	restartWithData part = iota
	bootstrapNew         // nobody has a cluster yet
	joinExisting         // listed, and never started
	wait                 // not listed: someone must add us
	waitDataLost         // listed as a member that ran before, but our data is gone
)

// planStart is the decision. view is nil when no member with a leader answered.
func planStart(hasData, bootstrap, wasRemoved bool, id, raftAddr string, view *Membership) part {
	if hasData {
		return restartWithData
	}
	if view == nil {
		if bootstrap && !wasRemoved {
			return bootstrapNew
		}
		return wait
	}
	me, listed := view.find(id)
	switch {
	case !listed || me.RaftAddr != raftAddr:
		return wait
	case me.Started:
		// Starting under the old identity without the old log could vote twice in one term.
		return waitDataLost
	default:
		return joinExisting
	}
}

// decide looks until there is something to start.
func (n *Node) decide(ctx context.Context) (etcd.Start, error) {
	for ctx.Err() == nil {
		looked := time.Now()
		wasRemoved := n.wasRemoved()
		hasData := n.hasData()
		var view *Membership
		if !hasData {
			view = n.askOthers(ctx, n.patience(wasRemoved))
		}
		switch planStart(hasData, n.Group.Bootstrap, wasRemoved, n.Group.NodeID, n.Group.RaftAddr, view) {
		case restartWithData:
			return etcd.Start{}, nil
		case bootstrapNew:
			initial := map[string]string{}
			for _, peer := range n.Group.Initial {
				initial[peer.ID] = peer.RaftAddr
			}
			return etcd.Start{State: "new", Initial: initial}, nil
		case joinExisting:
			initial := map[string]string{}
			for _, member := range view.Members {
				initial[member.ID] = member.RaftAddr
			}
			return etcd.Start{State: "existing", Initial: initial}, n.forgetRemoval()
		case waitDataLost:
			n.enter(n.waitingState(wasRemoved), true)
		case wait:
			n.enter(n.waitingState(wasRemoved), false)
		}
		// Slow answers come from busy machines, which asking more often would only make slower.
		pause := time.Since(looked)
		if pause < 500*time.Millisecond {
			pause = 500 * time.Millisecond
		}
		sleep(ctx, pause)
	}
	return etcd.Start{}, ctx.Err()
}

// patience is how long the others may take to answer. A node that cannot start without them has time; one that forms the
// cluster must not wait for machines that are still off.
func (n *Node) patience(wasRemoved bool) time.Duration {
	if n.Group.Bootstrap && !wasRemoved {
		return 3 * time.Second
	}
	return 10 * time.Second
}

func (n *Node) waitingState(wasRemoved bool) string {
	if wasRemoved {
		return removed
	}
	return waiting
}
