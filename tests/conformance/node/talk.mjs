// One conversation of an official TypeScript client with a server: everything listed, every tool called, every resource
// read, every prompt got. Takes TALK (JSON: url, token, modules, package, mode, calls) and prints what came back as JSON.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { url, token, modules, package: name, mode, calls, brief } = JSON.parse(process.env.TALK);
const load = (path) => import(pathToFileURL(join(modules, '@modelcontextprotocol', path)));
const { Client, StreamableHTTPClientTransport } =
  name === 'client'
    ? await load('client/dist/index.mjs')
    : { ...(await load('sdk/dist/esm/client/index.js')), ...(await load('sdk/dist/esm/client/streamableHttp.js')) };

const client = new Client({ name: 'talk', version: '1.0.0' }, name === 'client' ? { versionNegotiation: { mode } } : {});
const requestInit = { headers: { Authorization: `Bearer ${token}` } };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));

const told = { version: client.getNegotiatedProtocolVersion?.(), server: client.getServerVersion()?.name, calls: [], progress: [] };
told.instructions = (client.getInstructions() ?? '').length > 0;
told.tools = (await client.listTools()).tools.map((tool) => tool.name);
const onprogress = (progress) => told.progress.push(progress.progress);
for (const [tool, args] of calls) {
  const params = { name: tool, arguments: args };
  const options = tool === 'test_tool_with_progress' ? { onprogress } : undefined;
  const result = name === 'client' ? await client.callTool(params, options) : await client.callTool(params, undefined, options);
  told.calls.push({ tool, isError: result.isError ?? false, structured: result.structuredContent ?? null });
}
const capabilities = client.getServerCapabilities();
if (capabilities.resources && !brief) {
  const { resources } = await client.listResources();
  told.templates = (await client.listResourceTemplates()).resourceTemplates.map((one) => one.uriTemplate);
  told.resources = [];
  for (const { uri } of resources) told.resources.push((await client.readResource({ uri })).contents[0].uri);
}
if (capabilities.prompts && !brief) {
  told.prompts = [];
  for (const prompt of (await client.listPrompts()).prompts) {
    const wanted = (prompt.arguments ?? []).filter((argument) => argument.required);
    if (wanted.length) continue;
    told.prompts.push([prompt.name, (await client.getPrompt({ name: prompt.name })).messages.length]);
  }
}
await client.close();
console.log(JSON.stringify(told));
