// Maps hosts of example.test to this machine, at the port of the TLS proxy. Node.js loads it before anything else. The
// unmodified SDKs get an ordinary domain without a port, as Auth0's are.
import { Agent, buildConnector, setGlobalDispatcher } from 'undici';

const connect = buildConnector({});
setGlobalDispatcher(
  new Agent({
    connect(options, callback) {
      const isOurs = options.hostname.endsWith('.example.test');
      const there = isOurs ? { hostname: '127.0.0.1', host: '127.0.0.1', port: process.env.TLS_PORT } : {};
      connect({ ...options, servername: options.servername || options.hostname, ...there }, callback);
    },
  }),
);
