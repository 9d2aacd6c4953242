package raft

import (
	"encoding/json"
	"testing"

	"flint/lab/services/internal/cluster"
	"flint/lab/services/internal/etcd"
)

func TestMembersAreListedByIDBeforeTheyStarted(t *testing.T) {
	group := cluster.Group{Initial: []cluster.Peer{{ID: "node01", RaftAddr: "10.0.0.1:2380", APIURL: "https://node01.dev.example.com:2379"}}}
	status := etcd.Status{Leader: 4, RaftTerm: 7, RaftIndex: 123}
	rows := []etcd.Member{
		{ID: 4, Name: "node04", PeerURLs: []string{"https://10.0.0.4:2380"}, ClientURLs: []string{"http://127.0.0.1:12379"}},
		{ID: 1, Name: "node01", PeerURLs: []string{"https://10.0.0.1:2380"}, ClientURLs: []string{"http://127.0.0.1:12379"}},
		{ID: 5, PeerURLs: []string{"https://10.0.0.5:2380"}, IsLearner: true},
	}
	view := assemble(group, 2379, status, rows, map[string]string{"10.0.0.5:2380": "node05"})
	got, _ := json.Marshal(view)
	want := `{"leader":"node04","leader_url":"https://node04.dev.example.com:2379","leader_address":"https://10.0.0.4:2379",` +
		`"term":7,"commit_index":123,"members":[` +
		`{"id":"node01","raft_addr":"10.0.0.1:2380","role":"follower","healthy":false,"started":true,"raft_id":"1"},` +
		`{"id":"node04","raft_addr":"10.0.0.4:2380","role":"leader","healthy":false,"started":true,"raft_id":"4"},` +
		`{"id":"node05","raft_addr":"10.0.0.5:2380","role":"learner","healthy":false,"started":false,"raft_id":"5"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
