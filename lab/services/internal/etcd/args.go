package etcd

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Options is how one member's etcd runs.
type Options struct {
	Name, DataDir, Token                string
	Bind, PeerAddr                      string // where raft listens; host:port that others reach
	RaftPort                            int
	ClientURL                           string
	CertFile, KeyFile, CAFile, LogLevel string
	HeartbeatMS, ElectionMS             int
}

// Start is how it begins. With data in DataDir etcd ignores all of it.
type Start struct {
	State   string            // "new", "existing", or "" with data
	Initial map[string]string // name → raft address, of the whole cluster
}

// Args is etcd's command line.
func (o Options) Args(start Start) []string {
	args := []string{
		"--name", o.Name,
		"--data-dir", o.DataDir,
		"--listen-client-urls", o.ClientURL,
		"--advertise-client-urls", o.ClientURL,
		"--listen-peer-urls", fmt.Sprintf("https://%s:%d", o.Bind, o.RaftPort),
		"--initial-advertise-peer-urls", "https://" + o.PeerAddr,
		"--peer-cert-file", o.CertFile,
		"--peer-key-file", o.KeyFile,
		"--peer-trusted-ca-file", o.CAFile,
		"--peer-client-cert-auth",
		"--heartbeat-interval", strconv.Itoa(o.HeartbeatMS),
		"--election-timeout", strconv.Itoa(o.ElectionMS),
		// A member that comes back after a partition must not depose a leader that works.
		"--pre-vote",
		"--auto-compaction-mode", "periodic", "--auto-compaction-retention", "1h",
		"--logger", "zap", "--log-outputs", "stderr", "--log-level", o.LogLevel,
		"--initial-cluster-token", o.Token,
	}
	if start.State == "" {
		return args
	}
	var members []string
	for name, address := range start.Initial {
		members = append(members, name+"=https://"+address)
	}
	sort.Strings(members)
	return append(args, "--initial-cluster", strings.Join(members, ","), "--initial-cluster-state", start.State)
}
