// Temporal's real server in one process, as the other side of the benchmark.
//
// It runs the four services over SQLite, in memory or on a file, on the loopback interface. Every quota that a load on
// one machine could meet is raised, so that what is measured is the server's work and not its throttle.
//
//	temporal-server -port 7533                                  # state in memory
//	temporal-server -port 7533 -sqlite FILE -synchronous 2      # WAL, FULL: an fsync before anything is acknowledged
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	schema "go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
)

const (
	loopback    = "127.0.0.1"
	clusterName = "bench"
	storeName   = "sqlite"
	// More than one machine can ask for, in requests per second.
	unlimited = 1_000_000
)

// services in the order of their ports, counted from -port.
var services = []primitives.ServiceName{
	primitives.FrontendService,
	primitives.HistoryService,
	primitives.MatchingService,
	primitives.WorkerService,
}

// raisedQuotas are the dynamic settings that would otherwise cap the load.
var raisedQuotas = []string{
	"frontend.rps",
	"frontend.namespaceRPS",
	"frontend.namespaceCount",
	"frontend.persistenceMaxQPS",
	"history.rps",
	"history.persistenceMaxQPS",
	"matching.rps",
	"matching.persistenceMaxQPS",
}

type options struct {
	port        int
	file        string
	synchronous int
	shards      int
	namespace   string
}

func main() {
	var o options
	flag.IntVar(&o.port, "port", 7533, "port of the public gRPC API; history, matching and worker take the next three")
	flag.StringVar(&o.file, "sqlite", "", "SQLite file, created when missing (default: state in memory)")
	flag.IntVar(&o.synchronous, "synchronous", 2, "SQLite's synchronous pragma for -sqlite: 0 OFF, 1 NORMAL, 2 FULL")
	flag.IntVar(&o.shards, "shards", 4, "history shards")
	flag.StringVar(&o.namespace, "namespace", "default", "namespace to create")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "temporal-server:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	store, err := prepareStore(o)
	if err != nil {
		return fmt.Errorf("prepare the store: %w", err)
	}
	cfg := serverConfig(o, store)
	quotas := dynamicconfig.StaticClient{}
	for _, name := range raisedQuotas {
		quotas[dynamicconfig.MakeKey(name)] = unlimited
	}
	hosts := make(map[primitives.ServiceName]static.Hosts, len(services))
	for i, service := range services {
		hosts[service] = static.SingleLocalHost(address(o.port + i))
	}
	server, err := temporal.NewServer(
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithConfig(cfg),
		temporal.WithDynamicConfigClient(quotas),
		temporal.WithLogger(log.NewZapLogger(log.BuildZapLogger(cfg.Log))),
		temporal.WithStaticHosts(hosts),
		temporal.InterruptOn(temporal.InterruptCh()),
	)
	if err != nil {
		return fmt.Errorf("build the server: %w", err)
	}
	return server.Start() // returns when interrupted
}

func address(port int) string {
	return loopback + ":" + strconv.Itoa(port)
}

// prepareStore lays the schema where it is missing and creates the namespace.
func prepareStore(o options) (*config.SQL, error) {
	store := &config.SQL{PluginName: sqlite.PluginName}
	if o.file == "" {
		store.DatabaseName = clusterName
		store.ConnectAttributes = map[string]string{"mode": "memory", "cache": "shared", "setup": "true"}
	} else {
		store.DatabaseName = o.file
		store.ConnectAttributes = map[string]string{
			"mode":         "rwc",
			"journal_mode": "wal",
			"synchronous":  strconv.Itoa(o.synchronous),
		}
		if _, err := os.Stat(o.file); errors.Is(err, fs.ErrNotExist) {
			if err := schema.SetupSchema(store); err != nil {
				return nil, err
			}
		}
	}
	namespace, err := schema.NewNamespaceConfig(clusterName, o.namespace, false, nil)
	if err != nil {
		return nil, err
	}
	return store, schema.CreateNamespaces(store, namespace)
}

func serverConfig(o options, store *config.SQL) *config.Config {
	cfg := &config.Config{
		Log:                 log.Config{Level: "error"},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: address(o.port)},
		Services:            make(map[string]config.Service, len(services)),
		ClusterMetadata: &cluster.Config{
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			FailoverVersionIncrement: 10,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {
					Enabled:                true,
					InitialFailoverVersion: 1,
					RPCAddress:             address(o.port),
					ClusterID:              clusterName,
				},
			},
		},
	}
	cfg.Persistence.NumHistoryShards = int32(o.shards)
	cfg.Persistence.DefaultStore = storeName
	cfg.Persistence.VisibilityStore = storeName
	cfg.Persistence.DataStores = map[string]config.DataStore{storeName: {SQL: store}}
	cfg.Archival.History.State = "disabled"
	cfg.Archival.Visibility.State = "disabled"
	cfg.NamespaceDefaults.Archival.History.State = "disabled"
	cfg.NamespaceDefaults.Archival.Visibility.State = "disabled"
	for i, service := range services {
		cfg.Services[string(service)] = config.Service{RPC: config.RPC{GRPCPort: o.port + i, BindOnIP: loopback}}
	}
	return cfg
}
