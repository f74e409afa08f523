package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// CreateStartupData has the platform keep what a startup hook returned, a JSON
// object. It fails with ErrConflict when there are such data of the flow.
func (c *Client) CreateStartupData(ctx context.Context, flowID string, data json.RawMessage) error {
	_, err := c.do(ctx, http.MethodPost, startupDataPath(flowID), data)
	return describe("create the startup data", err)
}

// StartupData returns what CreateStartupData was given, {} if that was nothing.
func (c *Client) StartupData(ctx context.Context, flowID string) (json.RawMessage, error) {
	data, err := c.do(ctx, http.MethodGet, startupDataPath(flowID), nil)
	if err != nil {
		return nil, describe("fetch the startup data", err)
	}
	if len(data) > 0 && !json.Valid(data) {
		return nil, errors.New("fetch the startup data: the response is not valid JSON")
	}
	return orObject(data), nil
}

// DeleteStartupData has the platform forget the startup data.
func (c *Client) DeleteStartupData(ctx context.Context, flowID string) error {
	_, err := c.do(ctx, http.MethodDelete, startupDataPath(flowID), nil)
	return describe("delete the startup data", err)
}

// UpdateKeys stores new credentials, a JSON object, in an account.
func (c *Client) UpdateKeys(ctx context.Context, accountID string, keys json.RawMessage) error {
	body, err := json.Marshal(map[string]json.RawMessage{"keys": keys})
	if err != nil {
		return errors.New("update the account's keys: they are not valid JSON")
	}
	_, err = c.do(ctx, http.MethodPut, "/v1/accounts/"+url.PathEscape(accountID), body)
	return describe("update the account's keys", err)
}

func startupDataPath(flowID string) string {
	return "/sailor-support/hooks/task/" + url.PathEscape(flowID) + "/startup/data"
}

func describe(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
