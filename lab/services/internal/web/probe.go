package web

import (
	"context"
	"io"
	"net/http"
)

// Probe is the status that a GET answers with, following one redirect; 0 when there is no answer.
func Probe(ctx context.Context, client *http.Client, url string) int {
	for hop := 0; hop < 2; hop++ {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return 0
		}
		response, err := client.Do(request)
		if err != nil {
			return 0
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
		response.Body.Close()
		if response.StatusCode != http.StatusTemporaryRedirect {
			return response.StatusCode
		}
		url = response.Header.Get("Location")
	}
	return http.StatusTemporaryRedirect
}
