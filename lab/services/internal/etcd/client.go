// Package etcd runs one etcd and speaks to it through its JSON gateway (3.4 and newer).
package etcd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// ID is an etcd member id. The gateway writes 64-bit numbers as strings.
type ID uint64

// UnmarshalJSON takes "123" and 123.
func (id *ID) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseUint(string(bytes.Trim(text, `"`)), 10, 64)
	*id = ID(n)
	return err
}

// MarshalJSON writes a string.
func (id ID) MarshalJSON() ([]byte, error) { return json.Marshal(strconv.FormatUint(uint64(id), 10)) }

// Status is the local etcd's view. Leader is 0 while there is none.
type Status struct {
	Header struct {
		MemberID ID `json:"member_id"`
	} `json:"header"`
	Leader       ID   `json:"leader"`
	RaftIndex    ID   `json:"raftIndex"`
	RaftTerm     ID   `json:"raftTerm"`
	AppliedIndex ID   `json:"raftAppliedIndex"`
	IsLearner    bool `json:"isLearner"`
}

// Self is the local member's id.
func (s Status) Self() ID { return s.Header.MemberID }

// Leads tells whether the local member is the leader.
func (s Status) Leads() bool { return s.Leader != 0 && s.Leader == s.Self() }

// Member is one row of etcd's list. Name and ClientURLs are empty until it has started once.
type Member struct {
	ID         ID       `json:"ID"`
	Name       string   `json:"name"`
	PeerURLs   []string `json:"peerURLs"`
	ClientURLs []string `json:"clientURLs"`
	IsLearner  bool     `json:"isLearner"`
}

// Client calls one etcd.
type Client struct {
	base string
	http *http.Client
}

// NewClient is for a plain HTTP address on loopback, such as http://127.0.0.1:12379.
func NewClient(base string) *Client {
	return &Client{base: base, http: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}
}

func (c *Client) call(ctx context.Context, path string, request, reply interface{}) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/v3"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := c.http.Do(post)
	if err != nil {
		return &Error{Message: err.Error(), Down: true}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 16<<20))
	if err != nil {
		return &Error{Message: err.Error(), Down: true}
	}
	if response.StatusCode != http.StatusOK {
		return errorFrom(response.StatusCode, text)
	}
	if reply == nil {
		return nil
	}
	if err := json.Unmarshal(text, reply); err != nil {
		return fmt.Errorf("etcd's answer to %s: %w", path, err)
	}
	return nil
}

type none struct{}

// Status works on learners and without a leader, too.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var status Status
	err := c.call(ctx, "/maintenance/status", none{}, &status)
	return status, err
}

// Members is refused by learners.
func (c *Client) Members(ctx context.Context) ([]Member, error) {
	var reply struct {
		Members []Member `json:"members"`
	}
	err := c.call(ctx, "/cluster/member/list", none{}, &reply)
	return reply.Members, err
}

// AddLearner adds a member without a vote.
func (c *Client) AddLearner(ctx context.Context, peerURL string) error {
	return c.call(ctx, "/cluster/member/add", map[string]interface{}{"peerURLs": []string{peerURL}, "isLearner": true}, nil)
}

// Promote makes a learner a voter; refused while it has not caught up.
func (c *Client) Promote(ctx context.Context, id ID) error {
	return c.call(ctx, "/cluster/member/promote", map[string]ID{"ID": id}, nil)
}

// Remove takes a member out of the cluster.
func (c *Client) Remove(ctx context.Context, id ID) error {
	return c.call(ctx, "/cluster/member/remove", map[string]ID{"ID": id}, nil)
}

// MoveLeader hands leadership over; only the leader can.
func (c *Client) MoveLeader(ctx context.Context, to ID) error {
	return c.call(ctx, "/maintenance/transfer-leadership", map[string]ID{"targetID": to}, nil)
}
