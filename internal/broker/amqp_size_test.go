package broker

import (
	"encoding/binary"
	"io"
	"math"
	"net"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The library writes what size we say, of each property and of every type of a
// header.
func TestContentHeaderSize(t *testing.T) {
	for name, p := range map[string]Properties{
		"nothing":      {},
		"one property": {AppID: "a"},
		"all properties": {
			ContentType: "1", ContentEncoding: "22", Headers: map[string]any{"": ""}, DeliveryMode: 2, Priority: 9,
			CorrelationID: "333", ReplyTo: "4444", Expiration: "55555", MessageID: "6", Timestamp: time.Unix(1, 0),
			Type: "7", UserID: "8", AppID: "9",
		},
		"all types of headers": {Headers: map[string]any{
			"nil": nil, "bool": true, "string": "grüße", "int": 1, "int8": int8(1), "uint32": uint32(1), "float": 0.5, "float32": float32(0.5),
			"bytes": []byte("xyz"), "time": time.Unix(1, 0), "array": []any{int16(1), []any{}, "x", map[string]any{}},
			"table": map[string]any{"a": map[string]any{"b": nil}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			msg, err := publishing(Publication{Properties: p})
			require.NoError(t, err)
			server := newFakeServer(t, 4096, nil)
			require.NotNil(t, server.receive())
			assert.Equal(t, contentHeaderSize(msg), server.publish(t, msg))
		})
	}
}

// FuzzHeaders receives any bytes as a message's headers, with any properties,
// and sends on what came.
func FuzzHeaders(f *testing.F) {
	f.Add([]byte{}, uint16(0), "", uint8(0), int64(0))
	f.Add([]byte("\x01bt\x01\x01vV\x01sS\x00\x00\x00\x02hi\x01b\x62\xff"), uint16(9), "text/plain", uint8(1), int64(1))
	f.Add([]byte("\x01BB\x01\x01ss\x00\x01\x01II\x00\x00\x00\x01\x01uu\x00\x01\x01ii\x00\x00\x00\x01"), uint16(0), "x", uint8(2), int64(-1))
	f.Add([]byte("\x01ll\x00\x00\x00\x00\x00\x00\x00\x01\x01TT\x00\x00\x00\x00\x00\x00\x00\x01\x01ff\x3f\x00\x00\x00"), uint16(0), "", uint8(0), int64(0))
	f.Add([]byte("\x01DD\x02\x00\x00\x00\x01\x01dd\x3f\x00\x00\x00\x00\x00\x00\x00\x01xx\x00\x00\x00\x01y"), uint16(0), "", uint8(0), int64(0))
	f.Add([]byte("\x01AA\x00\x00\x00\x03t\x01V\x01FF\x00\x00\x00\x04\x01at\x01"), uint16(0), "", uint8(0), int64(0))
	narrow := []byte{} // grows on its way: a number of 1 byte goes out with 8
	for i := range 800 {
		narrow = append(narrow, 2, byte(i), byte(i>>8), 'b', 1)
	}
	f.Add(narrow, uint16(0), "", uint8(0), int64(0))
	f.Fuzz(func(t *testing.T, table []byte, moreThanMin uint16, text string, number uint8, seconds int64) {
		frameMax := 4096 + int(moreThanMin)
		server := newFakeServer(t, frameMax, table)
		received := server.receive()
		if received == nil {
			return // the library reads no such table, or no such frame
		}
		d := delivered(*received, nil)
		text = text[:min(len(text), maxShortString)]
		d.ContentType, d.CorrelationID, d.UserID = text, text, text
		d.DeliveryMode, d.Priority = number, number/2
		d.Timestamp = time.Unix(seconds%math.MaxInt32, 0)
		msg, err := publishing(Publication{Properties: d.Properties, RoutingKey: text})
		require.NoError(t, err)

		size := server.publish(t, msg)
		require.Equal(t, contentHeaderSize(msg), size)
		err = checkFrame(msg, frameMax, 0)
		if size <= frameMax {
			require.NoError(t, err)
		} else {
			require.Equal(t, &TooLargeError{Size: size, Limit: frameMax}, err)
		}
	})
}

// fakeServer plays a broker that delivers one message without a body and then
// takes what is published, frame by frame.
type fakeServer struct {
	conn       net.Conn
	ch         *amqp.Channel // the client's
	deliveries <-chan amqp.Delivery
	headers    chan int // sizes of the content headers that came
}

func newFakeServer(t *testing.T, frameMax int, table []byte) *fakeServer {
	near, far := net.Pipe()
	s := &fakeServer{conn: far, headers: make(chan int, 1)}
	go s.serve(frameMax, table)
	conn, err := amqp.Open(near, amqp.Config{
		SASL: []amqp.Authentication{&amqp.PlainAuth{}}, Vhost: "/", Locale: "en_US", FrameSize: frameMax,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = far.Close()
		<-conn.NotifyClose(make(chan *amqp.Error, 1))
	})
	s.ch, err = conn.Channel()
	require.NoError(t, err)
	s.deliveries, err = s.ch.Consume("q", "c", false, false, false, false, nil)
	require.NoError(t, err)
	return s
}

// receive returns nil when the library gave the connection up instead.
func (s *fakeServer) receive() *amqp.Delivery {
	if d, ok := <-s.deliveries; ok {
		return &d
	}
	return nil
}

// publish returns the size of the content header's frame.
func (s *fakeServer) publish(t *testing.T, msg amqp.Publishing) int {
	require.NoError(t, s.ch.Publish("", "", false, false, msg))
	return <-s.headers
}

// serve ends with the connection.
func (s *fakeServer) serve(frameMax int, table []byte) {
	be := binary.BigEndian
	if _, err := io.ReadFull(s.conn, make([]byte, len("AMQP")+4)); err != nil {
		return
	}
	// connection.start, for start-ok
	s.method(0, 10, 10, []byte("\x00\x09\x00\x00\x00\x00\x00\x00\x00\x05PLAIN\x00\x00\x00\x05en_US"))
	s.read()
	// connection.tune, for tune-ok and open
	s.method(0, 10, 30, be.AppendUint16(be.AppendUint32([]byte{0, 0}, uint32(frameMax)), 0))
	s.read()
	s.read()
	s.method(0, 10, 41, []byte{0})          // connection.open-ok, for channel.open
	s.read()                                //
	s.method(1, 20, 11, []byte{0, 0, 0, 0}) // channel.open-ok, for basic.consume
	s.read()                                //
	s.method(1, 60, 21, []byte("\x01c"))    // basic.consume-ok
	s.method(1, 60, 60, []byte("\x01c\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00"))
	header := make([]byte, 12, 18+len(table)) // without a body
	be.PutUint16(header, 60)
	header = be.AppendUint16(header, 1<<13) // with headers
	header = be.AppendUint32(header, uint32(len(table)))
	s.write(2, 1, append(header, table...))
	for {
		kind, size, err := s.read()
		if err != nil {
			return
		}
		if kind == 2 {
			s.headers <- size
		}
	}
}

func (s *fakeServer) method(channel, class, method uint16, arguments []byte) {
	payload := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, class), method)
	s.write(1, channel, append(payload, arguments...))
}

func (s *fakeServer) write(kind byte, channel uint16, payload []byte) {
	frame := binary.BigEndian.AppendUint16([]byte{kind}, channel)
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(payload)))
	_, _ = s.conn.Write(append(append(frame, payload...), 0xCE))
}

// read returns the kind and the size of the next frame.
func (s *fakeServer) read() (kind byte, size int, err error) {
	start := make([]byte, 7)
	if _, err := io.ReadFull(s.conn, start); err != nil {
		return 0, 0, err
	}
	rest := make([]byte, binary.BigEndian.Uint32(start[3:])+1)
	_, err = io.ReadFull(s.conn, rest)
	return start[0], len(start) + len(rest), err
}
