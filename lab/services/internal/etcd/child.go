package etcd

import (
	"bufio"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Child is a running etcd.
type Child struct {
	cmd     *exec.Cmd
	done    chan struct{}
	mu      sync.Mutex
	removed bool
	err     error
}

// Run starts etcd; its lines go to our log. It dies with us, even when we are killed.
func Run(path string, args []string) (*Child, error) {
	child := &Child{cmd: exec.Command(path, args...), done: make(chan struct{})}
	// No ETCD_* variable of a distribution's defaults may reach it.
	child.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/"}
	child.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	lines, err := child.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	started := make(chan error)
	go child.attend(lines, started)
	return child, <-started
}

// attend keeps to one thread: the kernel sends Pdeathsig when the thread that forked ends.
func (c *Child) attend(lines io.Reader, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(make([]byte, 64<<10), 1<<20)
	for scanner.Scan() {
		c.hear(scanner.Text())
	}
	_, _ = io.Copy(io.Discard, lines)
	c.err = c.cmd.Wait()
	close(c.done)
}

func (c *Child) hear(line string) {
	// Said by a member that applied its own removal, and by one that peers turned away when it came back.
	if strings.Contains(line, "permanently removed from the cluster") {
		c.mu.Lock()
		c.removed = true
		c.mu.Unlock()
	}
	if !strings.Contains(line, probing) {
		log.Printf("etcd: %s", line)
	}
}

// Several lines a second for each member that is off or slow, about what the member's health says anyway: an emulated
// machine has better things to do than to write them down.
const probing = `"caller":"rafthttp/probing_status.go`

// Done is closed when it has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Err is how it ended.
func (c *Child) Err() error { return c.err }

// SaidRemoved tells whether etcd learned that it is no longer a member.
func (c *Child) SaidRemoved() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.removed
}

// Stop asks it to end, and kills it after a grace time.
func (c *Child) Stop(grace time.Duration) {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(grace):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}
