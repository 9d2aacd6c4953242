package etcd

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// Error is etcd's refusal, or (Down) the absence of an answer.
type Error struct {
	Status  int
	Message string
	Down    bool
}

func (e *Error) Error() string { return e.Message }

func errorFrom(status int, text []byte) error {
	var body struct {
		Error   string `json:"error"`
		Message string `json:"message"`
	}
	if json.Unmarshal(text, &body) != nil || (body.Message == "" && body.Error == "") {
		return &Error{Status: status, Message: strings.TrimSpace(string(text))}
	}
	if body.Message == "" {
		body.Message = body.Error
	}
	return &Error{Status: status, Message: body.Message}
}

// The gateway passes on etcd's texts; their wording is the same from 3.4 to 3.6.
func says(err error, texts ...string) bool {
	var refusal *Error
	if !errors.As(err, &refusal) {
		return false
	}
	for _, text := range texts {
		if strings.Contains(refusal.Message, text) {
			return true
		}
	}
	return false
}

// Temporary tells whether the same call may succeed a moment later.
func Temporary(err error) bool {
	var refusal *Error
	if errors.As(err, &refusal) && (refusal.Down || refusal.Status == http.StatusServiceUnavailable || refusal.Status == http.StatusGatewayTimeout) {
		return true
	}
	return TooManyLearners(err) || says(err, "unhealthy cluster", "no leader", "leader changed", "timed out", "not enough started members",
		"context deadline", "not leader", "server stopped", "too many requests")
}

// TooManyLearners: etcd has one learner at a time (3.4 and 3.5).
func TooManyLearners(err error) bool { return says(err, "too many learner members") }

// NotReady: the learner has not caught up.
func NotReady(err error) bool { return says(err, "can only promote a learner member which is in sync") }

// NotFound: no such member.
func NotFound(err error) bool { return says(err, "member not found") }

// Exists: another member has this peer URL.
func Exists(err error) bool { return says(err, "Peer URLs already exists", "member ID already exist") }
