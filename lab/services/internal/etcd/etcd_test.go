package etcd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func stub(t *testing.T, script string) string {
	path := filepath.Join(t.TempDir(), "etcd")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDataNeedsNoInitialCluster(t *testing.T) {
	options := Options{Name: "node04", PeerAddr: "10.0.0.4:2380", Bind: "0.0.0.0", RaftPort: 2380, LogLevel: "warn", Token: "dev-chainfire"}
	if args := strings.Join(options.Args(Start{}), " "); strings.Contains(args, "--initial-cluster ") {
		t.Error(args)
	}
	args := strings.Join(options.Args(Start{State: "existing", Initial: map[string]string{"node04": "10.0.0.4:2380", "node01": "10.0.0.1:2380"}}), " ")
	if !strings.HasSuffix(args, "--initial-cluster node01=https://10.0.0.1:2380,node04=https://10.0.0.4:2380 --initial-cluster-state existing") {
		t.Error(args)
	}
}

func TestAChildThatWasRemovedIsKnown(t *testing.T) {
	child, err := Run(stub(t, `echo '{"msg":"server error","error":"the member has been permanently removed from the cluster"}' >&2`), nil)
	if err != nil {
		t.Fatal(err)
	}
	<-child.Done()
	if !child.SaidRemoved() || child.Err() != nil {
		t.Errorf("removed %v, %v", child.SaidRemoved(), child.Err())
	}
}

func TestNoETCDVariableReachesTheChild(t *testing.T) {
	t.Setenv("ETCD_NAME", "someone")
	child, err := Run(stub(t, `[ -z "$ETCD_NAME" ]`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if <-child.Done(); child.Err() != nil {
		t.Error(child.Err())
	}
}

func TestAChildThatDoesNotStopIsKilled(t *testing.T) {
	deaf := filepath.Join(t.TempDir(), "deaf")
	child, err := Run(stub(t, "trap '' TERM\n: >"+deaf+"\nexec sleep 30"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := os.Stat(deaf); err != nil; _, err = os.Stat(deaf) {
		time.Sleep(5 * time.Millisecond)
	}
	child.Stop(100 * time.Millisecond)
	if child.Err() == nil || child.Err().Error() != "signal: killed" {
		t.Error(child.Err())
	}
}

func TestRefusalsAreToldApart(t *testing.T) {
	for text, check := range map[string]func(error) bool{
		"etcdserver: too many learner members in cluster":                            TooManyLearners,
		"etcdserver: can only promote a learner member which is in sync with leader": NotReady,
		"etcdserver: member not found":                                               NotFound,
		"etcdserver: unhealthy cluster":                                              Temporary,
		"etcdserver: re-configuration failed due to not enough started members":      Temporary,
		"etcdserver: request timed out, possibly due to connection lost":             Temporary,
	} {
		err := errorFrom(400, []byte(`{"error":"`+text+`","message":"`+text+`","code":9}`))
		if !check(err) || err.Error() != text {
			t.Errorf("%s", err)
		}
	}
	if Temporary(errorFrom(400, []byte("nonsense"))) {
		t.Error("nonsense is not temporary")
	}
}
