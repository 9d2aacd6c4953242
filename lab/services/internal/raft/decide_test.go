package raft

import "testing"

func TestHowANodeStarts(t *testing.T) {
	view := func(member ...Member) *Membership { return &Membership{Leader: "node01", Members: member} }
	me := func(address string, started bool) Member {
		return Member{ID: "node04", RaftAddr: address, Started: started}
	}
	other := Member{ID: "node01", RaftAddr: "10.0.0.1:2380", Started: true}
	const here = "10.0.0.4:2380"
	for _, c := range []struct {
		title                       string
		data, bootstrap, wasRemoved bool
		view                        *Membership
		want                        part
	}{
		{"data wins over everything", true, true, false, view(other), restartWithData},
		{"nobody has a cluster: a bootstrap node founds it", false, true, false, nil, bootstrapNew},
		{"a removed bootstrap node founds nothing", false, true, true, nil, wait},
		{"nobody answers: others wait", false, false, false, nil, wait},
		{"not listed: wait to be added", false, false, false, view(other), wait},
		{"a bootstrap node that a running cluster does not list waits, too", false, true, false, view(other), wait},
		{"listed, never started: join", false, false, false, view(other, me(here, false)), joinExisting},
		{"a late bootstrap node joins what the others formed", false, true, false, view(other, me(here, false)), joinExisting},
		{"added again after a removal: join", false, false, true, view(other, me(here, false)), joinExisting},
		{"listed elsewhere: wait", false, false, false, view(other, me("10.0.0.9:2380", false)), wait},
		{"listed and started before, without data: never under the old identity", false, true, false, view(other, me(here, true)), waitDataLost},
	} {
		t.Run(c.title, func(t *testing.T) {
			if got := planStart(c.data, c.bootstrap, c.wasRemoved, "node04", here, c.view); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
