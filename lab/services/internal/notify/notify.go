// Package notify tells systemd how a Type=notify service is doing.
package notify

import (
	"net"
	"os"
	"strings"
)

// Send passes lines such as "READY=1" and "STATUS=…" to systemd; without systemd it does nothing.
func Send(lines ...string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	if strings.HasPrefix(path, "@") {
		path = "\x00" + path[1:]
	}
	socket, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return
	}
	defer socket.Close()
	_, _ = socket.Write([]byte(strings.Join(lines, "\n")))
}
