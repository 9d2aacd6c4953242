// lab-service plays the services of a cluster in the virtual rack; see README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
)

const usage = `lab-service plays the services of a cluster in the virtual rack.

  lab-service raft --service chainfire|flaredb --api-port 2379 --raft-port 2380 --state-dir DIR
                   [--etcd PATH] [--heartbeat MS] [--election MS] [--etcd-log-level LEVEL]
  lab-service iam --port 8080 --flaredb-port 2479
  lab-service plasmavmc --port 8081 --iam-port 8080

For all: [--config /etc/nixos/secrets/cluster-config.json] [--tls-dir /etc/nixos/secrets] [--bind 0.0.0.0]
`

// errUsage has been explained already.
var errUsage = errors.New("usage")

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case err == nil || ctx.Err() != nil:
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		log.Printf("lab-service: %v", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	command := ""
	if len(args) > 0 {
		command = args[0]
	}
	switch command {
	case "raft":
		return runRaft(ctx, args[1:])
	case "iam":
		return runIAM(ctx, args[1:])
	case "plasmavmc":
		return runPlasmaVMC(ctx, args[1:])
	case "help", "-h", "--help":
		fmt.Print(usage)
		return nil
	default:
		fmt.Fprint(os.Stderr, usage)
		return errUsage
	}
}
