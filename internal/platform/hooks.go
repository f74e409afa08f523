package platform

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
)

// CreateStartupData has the platform keep what a startup hook returned, a JSON
// object. It fails with ErrConflict when there are such data of the flow.
func (c *Client) CreateStartupData(ctx context.Context, flowID string, data json.RawMessage) error {
	_, err := c.do(ctx, "create the startup data", http.MethodPost, startupDataPath(flowID), data)
	return err
}

// StartupData returns what CreateStartupData was given, {} if that was nothing.
func (c *Client) StartupData(ctx context.Context, flowID string) (json.RawMessage, error) {
	data, err := c.do(ctx, "fetch the startup data", http.MethodGet, startupDataPath(flowID), nil)
	if err != nil {
		return nil, err
	}
	if len(data) > 0 && !json.Valid(data) {
		return nil, errors.New("fetch the startup data: the response is not valid JSON")
	}
	return orObject(data), nil
}

// DeleteStartupData has the platform forget the startup data.
func (c *Client) DeleteStartupData(ctx context.Context, flowID string) error {
	_, err := c.do(ctx, "delete the startup data", http.MethodDelete, startupDataPath(flowID), nil)
	return err
}

// UpdateKeys stores new credentials, a JSON object, in an account.
func (c *Client) UpdateKeys(ctx context.Context, accountID string, keys json.RawMessage) error {
	body, err := json.Marshal(map[string]json.RawMessage{"keys": keys})
	if err != nil {
		return errors.New("update the account's keys: they are not valid JSON")
	}
	_, err = c.do(ctx, "update the account's keys", http.MethodPut, "/v1/accounts/"+url.PathEscape(accountID), body)
	return err
}

func startupDataPath(flowID string) string {
	return "/sailor-support/hooks/task/" + url.PathEscape(flowID) + "/startup/data"
}
