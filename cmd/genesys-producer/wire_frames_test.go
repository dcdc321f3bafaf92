package main

import (
	"encoding/binary"
	"net"
	"strconv"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// nameMyself puts the wire's address into an answer that says where brokers are.
func (x *wire) nameMyself(frame []byte, asked request) []byte {
	host, text, _ := net.SplitHostPort(x.listener.Addr().String())
	number, _ := strconv.Atoi(text)
	port := int32(number)
	var (
		answer kmsg.Response
		name   func()
	)
	switch asked.key {
	case kmsg.Metadata:
		metadata := &kmsg.MetadataResponse{Version: asked.version}
		answer, name = metadata, func() {
			for i := range metadata.Brokers {
				metadata.Brokers[i].Host, metadata.Brokers[i].Port = host, port
			}
		}
	case kmsg.FindCoordinator:
		found := &kmsg.FindCoordinatorResponse{Version: asked.version}
		answer, name = found, func() {
			found.Host, found.Port = host, port
			for i := range found.Coordinators {
				found.Coordinators[i].Host, found.Coordinators[i].Port = host, port
			}
		}
	default:
		return frame
	}
	head := 8 // length and number
	if answer.IsFlexible() {
		head++ // no tags
	}
	if err := answer.ReadFrom(frame[head:]); err != nil {
		x.Errorf("%v of version %d: %v", asked.key, asked.version, err)
		return frame
	}
	name()
	body := answer.AppendTo(frame[:head:head])
	binary.BigEndian.PutUint32(body, uint32(len(body)-4))
	return body
}
