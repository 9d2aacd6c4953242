// Package raft is a member of a raft service: a child etcd with the admin and key-value API of Chainfire and FlareDB in front.
package raft

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"flint/lab/services/internal/cluster"
	"flint/lab/services/internal/etcd"
	"flint/lab/services/internal/identity"
	"flint/lab/services/internal/notify"
)

// Options is the command line.
type Options struct {
	Group             cluster.Group
	Identity          *identity.Identity
	Bind              string
	APIPort, RaftPort int
	StateDir          string
	Etcd, LogLevel    string
	HeartbeatMS       int
	ElectionMS        int
}

// What /health tells beside etcd's own state.
const (
	starting = "starting"
	waiting  = "waiting"
	running  = "running"
	removed  = "removed"
)

// Node is this process's member.
type Node struct {
	Options
	etcd  *etcd.Client
	peers *http.Client

	// membership is held during a change of members, so that two requests cannot interleave.
	membership sync.Mutex

	mu       sync.Mutex
	state    string
	dataLost bool
}

// New prepares a member; Run brings it up.
func New(options Options) *Node {
	node := &Node{Options: options, peers: options.Identity.Client(), state: starting}
	node.etcd = etcd.NewClient(node.clientURL())
	return node
}

// clientURL is where the child listens for us only: loopback, and a port of its own beside the API port. A node that is
// bound to a loopback address keeps to it, so that several fit on one machine.
func (n *Node) clientURL() string {
	host := "127.0.0.1"
	if ip := net.ParseIP(n.Bind); ip != nil && ip.IsLoopback() {
		host = n.Bind
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(n.APIPort+10000))
}

func (n *Node) dataDir() string { return filepath.Join(n.StateDir, "etcd") }

func (n *Node) command(start etcd.Start) []string {
	return etcd.Options{
		Name: n.Group.NodeID, DataDir: n.dataDir(), Token: n.Group.Cluster + "-" + n.Group.Service,
		Bind: n.Bind, PeerAddr: n.Group.RaftAddr, RaftPort: n.RaftPort, ClientURL: n.clientURL(),
		CertFile: n.Identity.CertFile(), KeyFile: n.Identity.KeyFile(), CAFile: n.Identity.CAFile(),
		LogLevel: n.LogLevel, HeartbeatMS: n.HeartbeatMS, ElectionMS: n.ElectionMS,
	}.Args(start)
}

// Run keeps the member going until the context ends: decides how to start, starts, and begins again when etcd ends.
func (n *Node) Run(ctx context.Context) error {
	go n.promoteLearners(ctx)
	for {
		start, err := n.decide(ctx)
		if err != nil {
			return err
		}
		child, err := etcd.Run(n.Etcd, n.command(start))
		if err != nil {
			return fmt.Errorf("etcd does not start: %w", err)
		}
		n.enter(running, false)
		select {
		case <-ctx.Done():
			// A leader that stops tries to hand over first, for seconds when nobody else is left; killing it loses nothing.
			child.Stop(3 * time.Second)
			return nil
		case <-child.Done():
		}
		log.Printf("etcd ended: %v", child.Err())
		n.enter(starting, false)
		if child.SaidRemoved() {
			if err := n.setAside(); err != nil {
				return err
			}
			n.enter(removed, false)
			continue
		}
		if !sleep(ctx, time.Second) {
			return nil
		}
	}
}

func (n *Node) enter(state string, dataLost bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.state == state && n.dataLost == dataLost {
		return
	}
	n.state, n.dataLost = state, dataLost
	text := state
	if dataLost {
		text += ": the cluster lists this node, but its data is gone; remove it and add it again"
	}
	log.Printf("%s %s is %s", n.Group.Service, n.Group.NodeID, text)
	notify.Send("STATUS=" + text)
}

func (n *Node) current() (state string, dataLost bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state, n.dataLost
}

// sleep is false when the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
