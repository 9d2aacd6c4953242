package cluster

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// URLByName is a member's API as users reach it: as declared for an initial member, for later ones by the same pattern
// (https://<id>.<domain>:<port>), else by address.
func (g Group) URLByName(peer Peer, apiPort int) string {
	for _, initial := range g.Initial {
		if initial.ID == peer.ID && initial.APIURL != "" {
			return initial.APIURL
		}
	}
	for _, initial := range g.Initial {
		parsed, err := url.Parse(initial.APIURL)
		if err == nil && strings.HasPrefix(parsed.Host, initial.ID+".") {
			parsed.Host = peer.ID + strings.TrimPrefix(parsed.Host, initial.ID)
			return parsed.String()
		}
	}
	return URLByAddress(peer, apiPort)
}

// URLByAddress is a member's API on the cluster network: the host of its raft address, on our own API port.
func URLByAddress(peer Peer, apiPort int) string {
	host, _, err := net.SplitHostPort(peer.RaftAddr)
	if err != nil {
		return ""
	}
	return "https://" + net.JoinHostPort(host, fmt.Sprint(apiPort))
}

// Others is every initial member but this node.
func (g Group) Others() []Peer {
	var others []Peer
	for _, peer := range g.Initial {
		if peer.ID != g.NodeID {
			others = append(others, peer)
		}
	}
	return others
}
