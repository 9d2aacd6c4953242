package raft

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// hasData tells whether an etcd has begun its log here; a failed start leaves a folder without one.
func (n *Node) hasData() bool {
	logs, err := filepath.Glob(filepath.Join(n.dataDir(), "member", "wal", "*.wal"))
	return err == nil && len(logs) > 0
}

func (n *Node) removalFile() string { return filepath.Join(n.StateDir, "removed.json") }

// wasRemoved survives a restart: a removed bootstrap member must not found a cluster of its own.
func (n *Node) wasRemoved() bool {
	_, err := os.Stat(n.removalFile())
	return err == nil
}

func (n *Node) forgetRemoval() error {
	err := os.Remove(n.removalFile())
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// setAside notes the removal first, and then moves the data away, so that no crash in between loses the note.
func (n *Node) setAside() error {
	now := time.Now().UTC()
	note, err := json.Marshal(map[string]string{"id": n.Group.NodeID, "at": now.Format(time.RFC3339)})
	if err != nil {
		return err
	}
	if err := os.WriteFile(n.removalFile(), append(note, '\n'), 0o600); err != nil {
		return err
	}
	aside := filepath.Join(n.StateDir, fmt.Sprintf("removed-%d", now.UnixNano()/1e6))
	if err := os.Rename(n.dataDir(), aside); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}
