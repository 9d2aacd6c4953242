package raft

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"flint/lab/services/internal/cluster"
)

// getFrom reads JSON from another member's API, on the cluster network first (needs no name service), then by its URL.
func (n *Node) getFrom(ctx context.Context, peer cluster.Peer, path string, reply interface{}) error {
	err := n.get(ctx, cluster.URLByAddress(peer, n.APIPort)+path, reply)
	if err != nil && peer.APIURL != "" && ctx.Err() == nil {
		err = n.get(ctx, peer.APIURL+path, reply)
	}
	return err
}

func (n *Node) get(ctx context.Context, url string, reply interface{}) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := n.peers.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body := io.LimitReader(response.Body, 1<<20)
	if response.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, body)
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return json.NewDecoder(body).Decode(reply)
}

// askOthers asks without members' health, which would make each of them ask all the others. The answer is the newest membership (by term) that another initial member tells, and that has a leader; nil if there is none.
func (n *Node) askOthers(ctx context.Context, patience time.Duration) *Membership {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	others := n.Group.Others()
	views := make(chan *Membership, len(others))
	for _, peer := range others {
		go func(peer cluster.Peer) {
			view := new(Membership)
			if n.getFrom(ctx, peer, "/admin/cluster/members?brief", view) != nil || view.Leader == "" {
				view = nil
			}
			views <- view
		}(peer)
	}
	var newest *Membership
	for range others {
		if view := <-views; view != nil && (newest == nil || view.Term > newest.Term) {
			newest = view
		}
	}
	return newest
}
