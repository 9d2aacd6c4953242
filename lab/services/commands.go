package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"

	"flint/lab/services/internal/cluster"
	"flint/lab/services/internal/iam"
	"flint/lab/services/internal/identity"
	"flint/lab/services/internal/plasmavmc"
	"flint/lab/services/internal/raft"
	"flint/lab/services/internal/web"
)

// common is what every subcommand takes.
type common struct {
	flags                *flag.FlagSet
	config, tlsDir, bind string
}

func newCommon(name string) *common {
	c := &common{flags: flag.NewFlagSet(name, flag.ContinueOnError)}
	c.flags.StringVar(&c.config, "config", "/etc/nixos/secrets/cluster-config.json", "cluster-config.json")
	c.flags.StringVar(&c.tlsDir, "tls-dir", "/etc/nixos/secrets", "folder of ca.crt, node.crt, node.key")
	c.flags.StringVar(&c.bind, "bind", "0.0.0.0", "address to listen on")
	return c
}

func (c *common) load(args []string) (cluster.Config, *identity.Identity, error) {
	if err := c.flags.Parse(args); err != nil {
		return cluster.Config{}, nil, errUsage
	}
	if c.flags.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "lab-service %s: what is %q?\n", c.flags.Name(), c.flags.Arg(0))
		return cluster.Config{}, nil, errUsage
	}
	config, err := cluster.Load(c.config)
	if err != nil {
		return config, nil, err
	}
	id, err := identity.Load(c.tlsDir)
	return config, id, err
}

// local is this node's own service on a port: on loopback, unless we are bound to one address.
func (c *common) local(port int) string {
	host := c.bind
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "https://" + net.JoinHostPort(host, strconv.Itoa(port))
}

func (c *common) listen(port int) string { return net.JoinHostPort(c.bind, strconv.Itoa(port)) }

func runRaft(ctx context.Context, args []string) error {
	c := newCommon("raft")
	service := c.flags.String("service", "chainfire", "chainfire or flaredb")
	apiPort := c.flags.Int("api-port", 2379, "port of the API")
	raftPort := c.flags.Int("raft-port", 2380, "port of raft")
	stateDir := c.flags.String("state-dir", "", "folder of the data (default /var/lib/<service>)")
	etcdPath := c.flags.String("etcd", "etcd", "etcd 3.4 or newer")
	heartbeat := c.flags.Int("heartbeat", fromEnv("FLINT_RAFT_HEARTBEAT_MS", 500), "milliseconds")
	election := c.flags.Int("election", fromEnv("FLINT_RAFT_ELECTION_MS", 5000), "milliseconds")
	logLevel := c.flags.String("etcd-log-level", "warn", "debug, info, warn, error")
	config, id, err := c.load(args)
	if err != nil {
		return err
	}
	group, err := config.Group(*service)
	if err != nil {
		return err
	}
	if *stateDir == "" {
		*stateDir = "/var/lib/" + *service
	}
	if err := os.MkdirAll(*stateDir, 0o700); err != nil {
		return err
	}
	program, err := exec.LookPath(*etcdPath)
	if err != nil {
		return fmt.Errorf("etcd: %w; install it, or name it with --etcd", err)
	}
	node := raft.New(raft.Options{
		Group: group, Identity: id, Bind: c.bind, APIPort: *apiPort, RaftPort: *raftPort, StateDir: *stateDir,
		Etcd: program, LogLevel: *logLevel, HeartbeatMS: *heartbeat, ElectionMS: *election,
	})
	return together(ctx, node.Run, func(ctx context.Context) error {
		return web.Serve(ctx, c.listen(*apiPort), id.Server(), node.Handler())
	})
}

func runIAM(ctx context.Context, args []string) error {
	c := newCommon("iam")
	port := c.flags.Int("port", 8080, "port of the API")
	flareDB := c.flags.Int("flaredb-port", 2479, "port of this node's FlareDB")
	_, id, err := c.load(args)
	if err != nil {
		return err
	}
	return web.Serve(ctx, c.listen(*port), id.Server(), iam.New(id.Client(), c.local(*flareDB)).Handler())
}

func runPlasmaVMC(ctx context.Context, args []string) error {
	c := newCommon("plasmavmc")
	port := c.flags.Int("port", 8081, "port of the API")
	iamPort := c.flags.Int("iam-port", 8080, "port of this node's IAM")
	config, id, err := c.load(args)
	if err != nil {
		return err
	}
	urls := []string{c.local(*iamPort)}
	for _, member := range config.InitialMembers {
		if member.IAMURL != "" {
			urls = append(urls, member.IAMURL)
		} else if member.ID != config.NodeID {
			urls = append(urls, cluster.URLByAddress(cluster.Peer{ID: member.ID, RaftAddr: member.RaftAddr}, *iamPort))
		}
	}
	return web.Serve(ctx, c.listen(*port), id.Server(), plasmavmc.New(id.Client(), urls).Handler())
}

// together runs both until the context ends or one fails, and waits for both.
func together(ctx context.Context, first, second func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, 2)
	for _, run := range []func(context.Context) error{first, second} {
		go func(run func(context.Context) error) { results <- run(ctx) }(run)
	}
	err := <-results
	cancel()
	if later := <-results; err == nil {
		err = later
	}
	return err
}

// fromEnv is a number from the environment, or the default when there is none or it is not a number.
func fromEnv(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}
