package cluster

import (
	"os"
	"path/filepath"
	"testing"
)

const valid = `{"version":1,"cluster":"dev","node_id":"node01","bootstrap":true,"raft_addr":"10.0.0.1:2380","leader_url":"https://node01.dev.example.com:2379",
"flaredb":{"raft_addr":"10.0.0.1:2480"},"future":{},
"initial_members":[{"id":"node01","raft_addr":"10.0.0.1:2380","flaredb_raft_addr":"10.0.0.1:2480","flaredb_api_url":"https://node01.dev.example.com:2479"}]}`

func write(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "cluster-config.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheFileHasAViewForEachService(t *testing.T) {
	config, err := Load(write(t, valid))
	if err != nil {
		t.Fatal(err)
	}
	group, err := config.Group("flaredb")
	if err != nil || group.RaftAddr != "10.0.0.1:2480" || group.Initial[0].APIURL != "https://node01.dev.example.com:2479" {
		t.Errorf("%+v, %v", group, err)
	}
	later := Peer{ID: "node04", RaftAddr: "10.0.0.4:2480"}
	if url := group.URLByName(later, 2479); url != "https://node04.dev.example.com:2479" {
		t.Error(url)
	}
	if url := URLByAddress(later, 2479); url != "https://10.0.0.4:2479" {
		t.Error(url)
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	config, _ := Load(write(t, valid))
	config.RaftAddr = "10.0.0.9:2380"
	for _, c := range []struct{ service, want string }{
		{"etcd", `--service: "etcd" is neither chainfire nor flaredb`},
		{"chainfire", "chainfire: bootstrap is true, but initial_members has no node01 at 10.0.0.9:2380"},
	} {
		if _, err := config.Group(c.service); err == nil || err.Error() != c.want {
			t.Error(err)
		}
	}
	path := write(t, `{"node_id":"Node 1"}`)
	if _, err := Load(path); err == nil || err.Error() != path+`: node_id: "Node 1" is not a node's name` {
		t.Error(err)
	}
}
