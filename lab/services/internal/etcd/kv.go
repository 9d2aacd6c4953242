package etcd

import "context"

type pair struct {
	Key   []byte `json:"key"`
	Value []byte `json:"value"`
}

type rangeRequest struct {
	Key          []byte `json:"key"`
	End          []byte `json:"range_end,omitempty"`
	Serializable bool   `json:"serializable,omitempty"`
}

type rangeReply struct {
	Kvs []pair `json:"kvs"`
}

// Put stores a value, through the raft log.
func (c *Client) Put(ctx context.Context, key string, value []byte) error {
	return c.call(ctx, "/kv/put", pair{[]byte(key), value}, nil)
}

// Get reads linearisably: what it answers was true after the call began.
func (c *Client) Get(ctx context.Context, key string) (value []byte, found bool, err error) {
	var reply rangeReply
	err = c.call(ctx, "/kv/range", rangeRequest{Key: []byte(key)}, &reply)
	if err != nil || len(reply.Kvs) == 0 {
		return nil, false, err
	}
	return reply.Kvs[0].Value, true, nil
}

// Delete tells whether there was such a key.
func (c *Client) Delete(ctx context.Context, key string) (existed bool, err error) {
	var reply struct {
		Deleted ID `json:"deleted"`
	}
	err = c.call(ctx, "/kv/deleterange", rangeRequest{Key: []byte(key)}, &reply)
	return reply.Deleted > 0, err
}

// Prefix reads all keys that begin with prefix, without the prefix, from the local copy: it answers without a quorum, too.
func (c *Client) Prefix(ctx context.Context, prefix string) (map[string]string, error) {
	end := []byte(prefix)
	end[len(end)-1]++
	var reply rangeReply
	if err := c.call(ctx, "/kv/range", rangeRequest{[]byte(prefix), end, true}, &reply); err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, kv := range reply.Kvs {
		values[string(kv.Key[len(prefix):])] = string(kv.Value)
	}
	return values, nil
}
