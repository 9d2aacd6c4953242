package raft

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"flint/lab/services/internal/cluster"
	"flint/lab/services/internal/etcd"
)

// etcd's learners answer nothing but their status; what they cannot know comes from a voter.
func TestALearnerSendsKeysToTheLeaderAndPassesOnTheMembers(t *testing.T) {
	voter := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"leader":"node02","leader_url":"https://node02.test:2379","term":3,"members":[{"id":"node02","raft_addr":"10.0.0.2:2380","role":"leader"}]}`)
	}))
	defer voter.Close()
	learner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v3/maintenance/status" {
			fmt.Fprint(w, `{"header":{"member_id":"4"},"leader":"2","isLearner":true}`)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `{"error":"etcdserver: rpc not supported for learner"}`)
	}))
	defer learner.Close()
	group := cluster.Group{NodeID: "node04", Initial: []cluster.Peer{{ID: "node01", RaftAddr: "127.0.0.1:1", APIURL: voter.URL}}}
	node := &Node{Options: Options{Group: group, APIPort: 1}, etcd: etcd.NewClient(learner.URL), peers: voter.Client(), state: running}

	w := httptest.NewRecorder()
	node.serveKey(w, httptest.NewRequest(http.MethodPut, "/v1/kv/a%2Fb/c", strings.NewReader("x")))
	if w.Code != http.StatusTemporaryRedirect || w.Header().Get("Location") != "https://node02.test:2379/v1/kv/a%2Fb/c" {
		t.Errorf("got %d, %q", w.Code, w.Header().Get("Location"))
	}
	w = httptest.NewRecorder()
	node.serveMembers(w, httptest.NewRequest(http.MethodGet, "/admin/cluster/members", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"leader":"node02"`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
