package main

import (
	"log/slog"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"
)

// config is what the environment asks for, parsed and checked.
type config struct {
	Dialect           string // conversations or entities
	APIURL, LoginURL  string // absolute, without a trailing slash
	ClientID          string
	ClientSecret      Secret
	Queues            []string // ids, no two alike
	PageSize          int      // never above the dialect's largest
	RequestsPerMinute int
	ReadAhead         int // pages; 0: none
	Timeout           time.Duration
	MaxResponseBytes  int64

	WindowFrom         start
	WindowTo           end
	WindowLength       time.Duration   // divides a day
	WindowSettle       time.Duration   // 0 to a day, whole milliseconds
	WindowRevisit      []time.Duration // ages, the smallest first; nil: never
	WindowRevisitShare float64         // 0 to 1

	Brokers []string // host:port
	topics
	CreateTopics      bool
	Partitions        int    // of a topic that is created
	ReplicationFactor int    // likewise
	Delivery          string // at-least-once or exactly-once
	Compression       string // none, gzip, snappy, lz4 or zstd
	MaxMessageBytes   int    // up to mostMessageBytes

	listener // of the brokers

	CheckpointName  string
	CheckpointStore string // file or kafka; kafka where delivery is exactly-once
	CheckpointDir   string // of store file

	HTTPAddr  string // empty: no listener
	HTTPPprof bool

	LogLevel      slog.Level
	LogFormat     string // json or text
	ShutdownGrace time.Duration
}

// environment is the table of the variables that are served, in the order in
// which help, README and errors show them. A tag default is what an unset
// variable holds; where there is none, shown is what the table says instead.
type environment struct {
	Domain            setting `envconfig:"GENESYS_DOMAIN" default:"mypurecloud.com" desc:"the region's domain, such as mypurecloud.de or usw2.pure.cloud; a leading api. is accepted"`
	APIURL            setting `envconfig:"GENESYS_API_URL" shown:"from the domain" desc:"base URL of the API, for gateways and tests"`
	LoginURL          setting `envconfig:"GENESYS_LOGIN_URL" shown:"from the domain" desc:"base URL of the token endpoint, for gateways and tests; in dialect entities the API's"`
	ClientID          setting `envconfig:"GENESYS_CLIENT_ID" shown:"required" desc:"the id of the client-credentials client"`
	ClientSecret      setting `envconfig:"GENESYS_CLIENT_SECRET" shown:"required" desc:"the secret of that client"`
	ClientSecretFile  setting `envconfig:"GENESYS_CLIENT_SECRET_FILE" shown:"none" desc:"a file that holds the secret, in place of GENESYS_CLIENT_SECRET"`
	Queues            setting `envconfig:"GENESYS_QUEUES" shown:"required" desc:"the ids of the routing queues, comma-separated, or @file with one a line"`
	Dialect           setting `envconfig:"GENESYS_DIALECT" default:"conversations" desc:"conversations (the published API) or entities (the tutorial contract)"`
	PageSize          setting `envconfig:"GENESYS_PAGE_SIZE" shown:"the largest" desc:"records a page; the largest is 100, in dialect entities 250"`
	RequestsPerMinute setting `envconfig:"GENESYS_REQUESTS_PER_MINUTE" default:"300" desc:"the client's allowance, shared by all queues and the token endpoint; the service paces itself at 97 % of it"`
	ReadAhead         setting `envconfig:"GENESYS_READ_AHEAD" default:"8" desc:"pages of one walk that may be requested before the current one is committed; 0: none"`
	Timeout           setting `envconfig:"GENESYS_TIMEOUT" default:"60s" desc:"how long one request may take"`
	MaxResponseBytes  setting `envconfig:"GENESYS_MAX_RESPONSE_BYTES" default:"268435456" desc:"a larger response is an error"`

	WindowFrom   setting `envconfig:"WINDOW_FROM" default:"24h" desc:"where a queue without a position begins: an RFC 3339 time, or a duration before now; no effect where a position exists"`
	WindowTo     setting `envconfig:"WINDOW_TO" shown:"empty" desc:"where to end, and exit 0: an RFC 3339 time, or now (the start of the program minus WINDOW_SETTLE); empty: run for ever"`
	WindowLength setting `envconfig:"WINDOW_LENGTH" default:"1h" desc:"how long a window is; must divide 24h"`
	WindowSettle setting `envconfig:"WINDOW_SETTLE" default:"5m" desc:"how far behind now a window must end before it is walked, 24h at most; what is asked for begins as much before the window"`
	Revisit      setting `envconfig:"WINDOW_REVISIT" default:"2h,24h,96h" emptied:"never" desc:"ages, counted from the end of a UTC day, at which the conversations that began that day are read again for late changes; 744h (31 days) at most; empty: never"`
	RevisitShare setting `envconfig:"WINDOW_REVISIT_SHARE" default:"0.5" desc:"the most of the requests that revisits take while other windows wait: a number from 0 to 1"`

	Brokers           setting `envconfig:"KAFKA_BROKERS" shown:"required" desc:"the brokers to begin with, comma-separated host:port"`
	Topic             setting `envconfig:"KAFKA_TOPIC" default:"genesys.conversations" desc:"where conversations go"`
	DeadLetterTopic   setting `envconfig:"KAFKA_DEAD_LETTER_TOPIC" shown:"{topic}.dead-letter" desc:"where a record goes that could not be published"`
	WindowsTopic      setting `envconfig:"KAFKA_WINDOWS_TOPIC" shown:"{topic}.windows" desc:"where a message goes for each window that was walked: what was found, and whether it is complete"`
	CreateTopics      setting `envconfig:"KAFKA_CREATE_TOPICS" default:"false" desc:"true: create the topics that are missing; false: a missing topic is an error"`
	Partitions        setting `envconfig:"KAFKA_PARTITIONS" default:"12" desc:"the partitions of a topic that is created"`
	ReplicationFactor setting `envconfig:"KAFKA_REPLICATION_FACTOR" default:"3" desc:"the replicas of a topic that is created"`
	Delivery          setting `envconfig:"KAFKA_DELIVERY" default:"at-least-once" desc:"at-least-once, or exactly-once: each page and its position in one transaction, which needs CHECKPOINT_STORE=kafka"`
	Compression       setting `envconfig:"KAFKA_COMPRESSION" default:"snappy" desc:"none, gzip, snappy, lz4 or zstd"`
	MaxMessageBytes   setting `envconfig:"KAFKA_MAX_MESSAGE_BYTES" default:"1000000" desc:"a larger record goes to the dead-letter topic; 100000000 at most, because brokers take no request above 100 MiB"`

	TLS                  setting `envconfig:"KAFKA_TLS" default:"false" desc:"true: connect to the brokers by TLS"`
	TLSCAFile            setting `envconfig:"KAFKA_TLS_CA_FILE" shown:"empty" desc:"a PEM file of the authorities to trust in place of the system's"`
	TLSCertFile          setting `envconfig:"KAFKA_TLS_CERT_FILE" shown:"empty" desc:"a PEM file of the client's certificate, for brokers that ask for one"`
	TLSKeyFile           setting `envconfig:"KAFKA_TLS_KEY_FILE" shown:"empty" desc:"a PEM file of the private key of that certificate"`
	SASLMechanism        setting `envconfig:"KAFKA_SASL_MECHANISM" default:"none" desc:"how to log in: none, plain, scram-sha-256, scram-sha-512 or oauthbearer"`
	SASLUsername         setting `envconfig:"KAFKA_SASL_USERNAME" shown:"empty" desc:"the user that logs in by plain or scram"`
	SASLPassword         setting `envconfig:"KAFKA_SASL_PASSWORD" shown:"empty" desc:"the password of that user"`
	SASLPasswordFile     setting `envconfig:"KAFKA_SASL_PASSWORD_FILE" shown:"empty" desc:"a file that holds the password, in place of KAFKA_SASL_PASSWORD"`
	SASLTokenURL         setting `envconfig:"KAFKA_SASL_TOKEN_URL" shown:"empty" desc:"the whole URL that issues the tokens of oauthbearer, by client credentials"`
	SASLClientID         setting `envconfig:"KAFKA_SASL_CLIENT_ID" shown:"empty" desc:"the id of the client at KAFKA_SASL_TOKEN_URL"`
	SASLClientSecret     setting `envconfig:"KAFKA_SASL_CLIENT_SECRET" shown:"empty" desc:"the secret of the client at KAFKA_SASL_TOKEN_URL"`
	SASLClientSecretFile setting `envconfig:"KAFKA_SASL_CLIENT_SECRET_FILE" shown:"empty" desc:"a file that holds the secret, in place of KAFKA_SASL_CLIENT_SECRET"`
	SASLScopes           setting `envconfig:"KAFKA_SASL_SCOPES" shown:"empty" desc:"the scopes to ask for, separated by commas or spaces"`

	CheckpointName  setting `envconfig:"CHECKPOINT_NAME" default:"default" desc:"separates independent runs, such as a backfill, over one store"`
	CheckpointDir   setting `envconfig:"CHECKPOINT_DIR" default:"checkpoints" desc:"the directory of the positions, for CHECKPOINT_STORE=file"`
	CheckpointStore setting `envconfig:"CHECKPOINT_STORE" default:"file" desc:"where the positions are: file (a directory), or kafka (a topic: no volume is needed)"`
	CheckpointTopic setting `envconfig:"CHECKPOINT_TOPIC" shown:"{topic}.checkpoints" desc:"the compacted topic of the positions, for CHECKPOINT_STORE=kafka; beside it there is one of its name with .ledgers added"`

	HTTPAddr  setting `envconfig:"HTTP_ADDR" default:":8080" emptied:"no listener" desc:"where to answer /, /status.json, /metrics, /livez and /readyz: host:port, or :port for every address of the machine; there is no login; empty: nowhere"`
	HTTPPprof setting `envconfig:"HTTP_PPROF" default:"false" desc:"true: answer /debug/pprof/ at HTTP_ADDR, too"`

	LogLevel      setting `envconfig:"LOG_LEVEL" default:"info" desc:"debug, info, warn or error"`
	LogFormat     setting `envconfig:"LOG_FORMAT" default:"json" desc:"json, or text for people"`
	ShutdownGrace setting `envconfig:"SHUTDOWN_GRACE" default:"20s" desc:"time to finish the page in hand on SIGTERM"`
}

// loadConfig reads the environment, once. Its error is a [*configError], which
// lists all that is wrong; then the config is empty.
func loadConfig() (config, error) {
	env, set, err := readEnvironment()
	if err != nil {
		return config{}, err
	}
	bad := new(configError)
	cfg := env.parse(bad)
	bad.refuseUnknown(set)
	bad.withhold(env, cfg, set)
	if len(bad.problems) > 0 {
		return config{}, bad
	}
	return cfg, nil
}

// loadHTTPAddr reads where the service listens, and nothing else of the environment, which
// may be wrong. Its error is a [*configError].
func loadHTTPAddr() (string, error) {
	env, _, err := readEnvironment()
	if err != nil {
		return "", err
	}
	bad := new(configError)
	if address := parse(bad, env.HTTPAddr, parseHTTPAddr); len(bad.problems) == 0 {
		return address, nil
	}
	return "", bad
}

// readEnvironment returns the served variables as they stand, and every
// variable that is set.
func readEnvironment() (env environment, set map[string]string, err error) {
	set = map[string]string{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		set[name] = value
	}
	if err := envconfig.Process("", &env); err != nil {
		return environment{}, nil, err // a fault of the table: no setting refuses its text
	}
	fields := reflect.ValueOf(&env).Elem()
	for i, v := range variables() {
		s := fields.Field(i).Addr().Interface().(*setting)
		s.variable = v
		_, s.set = set[v.name]
	}
	return env, set, nil
}

// parse turns the text of each variable into its value. What is wrong goes to
// bad; the zero value stands in for it.
func (env environment) parse(bad *configError) config {
	cfg := config{
		Dialect:           parse(bad, env.Dialect, oneOf("conversations", "entities")),
		ClientID:          parse(bad, env.ClientID, anyText),
		ClientSecret:      parseSecret(bad, env.ClientSecret, env.ClientSecretFile),
		Queues:            parse(bad, env.Queues, parseQueues),
		RequestsPerMinute: parse(bad, env.RequestsPerMinute, number(1, 100_000)),
		ReadAhead:         parse(bad, env.ReadAhead, number(0, 64)),
		Timeout:           parse(bad, env.Timeout, positive),
		MaxResponseBytes:  parse(bad, env.MaxResponseBytes, number[int64](1, 1<<40)),

		WindowFrom:         parse(bad, env.WindowFrom, parseStart),
		WindowTo:           parse(bad, env.WindowTo, parseEnd),
		WindowLength:       parse(bad, env.WindowLength, divisorOfDay),
		WindowSettle:       parse(bad, env.WindowSettle, parseSettle),
		WindowRevisit:      parse(bad, env.Revisit, parseAges),
		WindowRevisitShare: parse(bad, env.RevisitShare, parseShare),

		Brokers:           parse(bad, env.Brokers, parseBrokers),
		CreateTopics:      parse(bad, env.CreateTopics, trueOrFalse),
		Partitions:        parse(bad, env.Partitions, number(1, 100_000)),
		ReplicationFactor: parse(bad, env.ReplicationFactor, number(1, 32_767)),
		Delivery:          parse(bad, env.Delivery, oneOf("at-least-once", "exactly-once")),
		Compression:       parse(bad, env.Compression, oneOf("none", "gzip", "snappy", "lz4", "zstd")),
		MaxMessageBytes:   parse(bad, env.MaxMessageBytes, parseMessageBytes),
		listener:          parseListener(bad, env),

		CheckpointName:  parse(bad, env.CheckpointName, parseCheckpointName),
		CheckpointStore: parse(bad, env.CheckpointStore, oneOf("file", "kafka")),
		CheckpointDir:   parse(bad, env.CheckpointDir, anyText),

		HTTPAddr:  parse(bad, env.HTTPAddr, parseHTTPAddr),
		HTTPPprof: parse(bad, env.HTTPPprof, trueOrFalse),

		LogLevel:      parse(bad, env.LogLevel, parseLevel),
		LogFormat:     parse(bad, env.LogFormat, oneOf("json", "text")),
		ShutdownGrace: parse(bad, env.ShutdownGrace, positive),
	}
	cfg.APIURL, cfg.LoginURL = parseURLs(bad, env, cfg.Dialect)
	cfg.PageSize = parsePageSize(bad, env.PageSize, cfg.Dialect)
	cfg.topics = parseTopics(bad, env, cfg.CheckpointStore)
	checkOrder(bad, env.WindowTo, cfg.WindowFrom, cfg.WindowTo)
	checkDelivery(bad, env.Delivery, cfg.Delivery, cfg.CheckpointStore)
	bad.refuseIdle(env.CreateTopics, "false", "true", env.Partitions, env.ReplicationFactor)
	return cfg
}
