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

// stubEtcd answers like etcd's gateway: this node (1) leads, and refuses to add with a given message.
func stubEtcd(t *testing.T, refusal string) *Node {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v3/maintenance/status":
			fmt.Fprint(w, `{"header":{"member_id":"1"},"leader":"1","raftIndex":"9","raftTerm":"2"}`)
		case "/v3/cluster/member/list":
			fmt.Fprint(w, `{"members":[{"ID":"1","name":"node01","peerURLs":["https://10.0.0.1:2380"],"clientURLs":["x"]}]}`)
		case "/v3/cluster/member/add":
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error":%q,"message":%q,"code":9}`, refusal, refusal)
		default:
			fmt.Fprint(w, `{}`)
		}
	}))
	t.Cleanup(server.Close)
	return &Node{Options: Options{Group: cluster.Group{NodeID: "node01"}}, etcd: etcd.NewClient(server.URL), state: running}
}

func post(handler http.HandlerFunc, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	handler(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
	return w
}

func TestAnotherLearnerMeansComeBackLater(t *testing.T) {
	node := stubEtcd(t, "etcdserver: too many learner members in cluster")
	w := post(node.onLeader(node.serveAdd), `{"id":"node05","raft_addr":"10.0.0.5:2380"}`)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
		t.Errorf("got %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
}

func TestWhatEtcdRefusesForGoodIsNotTemporary(t *testing.T) {
	node := stubEtcd(t, "etcdserver: something else")
	w := post(node.onLeader(node.serveAdd), `{"id":"node05","raft_addr":"10.0.0.5:2380"}`)
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "something else") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestBadRequestsNeverReachEtcd(t *testing.T) {
	node := stubEtcd(t, "must not be asked")
	for _, body := range []string{``, `[]`, `{"id":"../x","raft_addr":"10.0.0.5:2380"}`, `{"id":"node05","raft_addr":"10.0.0.5"}`, `{"id":"node05","raft_addr":"a b:1"}`} {
		if w := post(node.serveAdd, body); w.Code != http.StatusBadRequest {
			t.Errorf("%s: got %d", body, w.Code)
		}
	}
}

func TestTheLastVoterStays(t *testing.T) {
	node := stubEtcd(t, "")
	if w := post(node.serveRemove, `{"id":"node01"}`); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "the last voter") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestNoLeaderIsNotHealthy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"header":{"member_id":"1"},"raftTerm":"2"}`)
	}))
	defer server.Close()
	node := &Node{etcd: etcd.NewClient(server.URL), state: running}
	w := httptest.NewRecorder()
	node.serveHealth(w, httptest.NewRequest(http.MethodGet, "/health", nil))
	if w.Code != http.StatusServiceUnavailable || strings.TrimSpace(w.Body.String()) != `{"status":"no-leader"}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
