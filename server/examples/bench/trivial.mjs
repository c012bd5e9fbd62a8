// The TypeScript SDK's server with one trivial tool and no check of a token, without sessions, to compare with.
import { createServer } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";

createServer(async (request, response) => {
  const server = new McpServer({ name: "trivial", version: "1" });
  server.registerTool("get_stock_price", { description: "A price." }, () => ({
    content: [{ type: "text", text: "100.00" }],
  }));
  // Without sessions a transport serves one request, as in the SDK's own example.
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  response.on("close", () => {
    transport.close();
    server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(request, response);
}).listen(Number(process.argv[2]), "127.0.0.1");
