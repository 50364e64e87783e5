package web

import (
	"context"
	"net/http"
	"time"
)

// BrokerCounts counts what the MQTT broker has and did; cmd/server joins one to it.
type BrokerCounts interface {
	Stats() BrokerStats
}

// BrokerStats is what the broker has now, and what it did since the server started.
type BrokerStats struct {
	Since         time.Time     `json:"since" doc:"when the counting began"`
	Connections   int           `json:"connections" doc:"open now, also those that have not said who they are"`
	Sessions      int           `json:"sessions"`
	Subscriptions int           `json:"subscriptions"`
	Retained      int           `json:"retained" doc:"retained messages"`
	RetainedBytes int           `json:"retainedBytes"`
	TakeOvers     uint64        `json:"takeOvers" doc:"connections that ended because their client connected again"`
	Contested     int           `json:"contested" doc:"client identifiers that two programs fight over now: each ends the other's connection"`
	Received      uint64        `json:"received" doc:"messages that clients published"`
	Published     uint64        `json:"published" doc:"messages that the server itself published"`
	Delivered     uint64        `json:"delivered" doc:"messages written for clients, repetitions included"`
	Refused       []ReasonCount `json:"refused" doc:"connections, packets and messages refused, by reason"`
	Dropped       []ReasonCount `json:"dropped" doc:"messages that a receiver did not get, by reason"`
}

// ReasonCount is how often something happened for one reason.
type ReasonCount struct {
	Reason string `json:"reason" doc:"in English; the same words always"`
	Count  uint64 `json:"count"`
}

func (s *Server) brokerStatsRoutes(a *api) {
	add(a, operation(http.MethodGet, "/broker/stats", "getBrokerStats", "broker", "What the broker has, did, refused and dropped", 200),
		func(context.Context, *none) (*out[BrokerStats], error) {
			return &out[BrokerStats]{s.deps.BrokerCounts.Stats()}, nil
		})
}
