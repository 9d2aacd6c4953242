// Package cluster reads cluster-config.json: who this node is, and the members that the cluster began with.
package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
)

// Config is the file as Flint puts it on each node. Unknown fields are ignored.
type Config struct {
	Cluster   string `json:"cluster"`
	NodeID    string `json:"node_id"`
	Bootstrap bool   `json:"bootstrap"`
	LeaderURL string `json:"leader_url"`
	RaftAddr  string `json:"raft_addr"`
	FlareDB   struct {
		LeaderURL string `json:"leader_url"`
		RaftAddr  string `json:"raft_addr"`
	} `json:"flaredb"`
	InitialMembers []InitialMember `json:"initial_members"`
}

// InitialMember is one of the nodes that the cluster was bootstrapped with.
type InitialMember struct {
	ID              string `json:"id"`
	RaftAddr        string `json:"raft_addr"`
	APIURL          string `json:"api_url"`
	FlareDBRaftAddr string `json:"flaredb_raft_addr"`
	FlareDBAPIURL   string `json:"flaredb_api_url"`
	IAMURL          string `json:"iam_url"`
}

// Group is what one raft service needs of the file.
type Group struct {
	Cluster, Service, NodeID, RaftAddr string
	Bootstrap                          bool
	Initial                            []Peer
}

// Peer is a member as another member reaches it. APIURL may be empty.
type Peer struct{ ID, RaftAddr, APIURL string }

var idPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// ValidID tells whether s can be a node's name: a lower-case DNS label.
func ValidID(s string) bool { return idPattern.MatchString(s) }

// ValidAddr tells whether s is host:port.
func ValidAddr(s string) bool {
	host, port, err := net.SplitHostPort(s)
	return err == nil && host != "" && port != "" && !strings.ContainsAny(s, "/, =\"'")
}

// Load reads and checks the file.
func Load(path string) (Config, error) {
	var config Config
	text, err := os.ReadFile(path)
	if err != nil {
		return config, err
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return config, fmt.Errorf("%s: %w", path, err)
	}
	if !ValidID(config.NodeID) {
		return config, fmt.Errorf("%s: node_id: %q is not a node's name", path, config.NodeID)
	}
	return config, nil
}

// Group is the view of "chainfire" or "flaredb" on the file, checked.
func (c Config) Group(service string) (Group, error) {
	group := Group{Cluster: c.Cluster, Service: service, NodeID: c.NodeID, Bootstrap: c.Bootstrap}
	switch service {
	case "chainfire":
		group.RaftAddr = c.RaftAddr
		for _, m := range c.InitialMembers {
			group.Initial = append(group.Initial, Peer{m.ID, m.RaftAddr, m.APIURL})
		}
	case "flaredb":
		group.RaftAddr = c.FlareDB.RaftAddr
		for _, m := range c.InitialMembers {
			group.Initial = append(group.Initial, Peer{m.ID, m.FlareDBRaftAddr, m.FlareDBAPIURL})
		}
	default:
		return group, fmt.Errorf("--service: %q is neither chainfire nor flaredb", service)
	}
	return group, group.check()
}

func (g Group) check() error {
	if !ValidAddr(g.RaftAddr) {
		return fmt.Errorf("%s: raft_addr of %s: %q is not host:port", g.Service, g.NodeID, g.RaftAddr)
	}
	if len(g.Initial) == 0 {
		return errors.New("initial_members is empty")
	}
	self := false
	for _, peer := range g.Initial {
		if !ValidID(peer.ID) || !ValidAddr(peer.RaftAddr) {
			return fmt.Errorf("%s: initial member %q has the raft address %q", g.Service, peer.ID, peer.RaftAddr)
		}
		self = self || (peer.ID == g.NodeID && peer.RaftAddr == g.RaftAddr)
	}
	if g.Bootstrap && !self {
		return fmt.Errorf("%s: bootstrap is true, but initial_members has no %s at %s", g.Service, g.NodeID, g.RaftAddr)
	}
	return nil
}
