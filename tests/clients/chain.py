"""Drives the keep-segment server with the official Python MCP SDK: each tool once right and once wrong, then the rest.

Usage: chain.py BINARY BOOK.csv
"""

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path

from mcp import Client, MCPError, StdioServerParameters
from mcp.types import PromptReference, ResourceTemplateReference

BOOK = "book.csv"

# The tool, arguments that work, one misspelt argument, and the name that it should have had.
CHAIN = [
    ("load_book", {"path": BOOK}, {"path": BOOK, "colums": {}}, "columns"),
    ("define_axes", {}, {"metod": "log"}, "method"),
    ("score_strategic", {}, {"signal": {}}, "signals"),
    ("assign_tiers", {}, {"rul": "grid"}, "rule"),
    ("calibrate_capacity", {"csms": 8}, {"csm": 8}, "csms"),
    ("validate", {}, {"sed": 1}, "seed"),
    ("score_health", {}, {"presets": "keep"}, "preset"),
    ("score_expansion", {}, {"cut": {}}, "cuts"),
    ("list_accounts", {}, {"sorted": "arr"}, "sort"),
    ("write_report", {}, {"formts": ["md"]}, "formats"),
]

passed, failed = 0, 0


def check(what: str, ok: bool, detail: object = "") -> None:
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {what}: {detail}", file=sys.stderr)


def text_of(result) -> str:
    return result.content[0].text if result.content and result.content[0].type == "text" else ""


async def check_link(client: Client, tool: str, result) -> None:
    for block in result.content[1:]:
        is_link = block.type == "resource_link" and str(block.uri).startswith("keep-segment://")
        check(f"{tool}: what follows the text links to a report", is_link, block)
        read = (await client.read_resource(str(block.uri))).contents[0]
        check(f"{tool}: the link can be read", len(read.text.encode()) == block.size, block)


async def check_list(client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    for name, *_ in CHAIN:
        tool = tools.get(name)
        check(f"{name} is listed", tool is not None, sorted(tools))
        if tool is None:
            continue
        hints = tool.annotations
        check(f"{name} has a title and hints", bool(tool.title) and hints is not None and hints.open_world_hint is False)
        check(f"{name} declares no output schema", tool.output_schema is None)
        schema = json.dumps(tool.input_schema)
        check(f"{name} has a plain schema", not any(noise in schema for noise in ("$ref", "$defs", '"null"')), schema)


async def check_chain(client: Client) -> None:
    for name, right, wrong, wanted in CHAIN:
        result = await client.call_tool(name, right)
        text = text_of(result)
        check(f"{name} works", not result.is_error and text.startswith("╭") and name in text, text)
        check(f"{name} answers in at most 40 lines", len(text.splitlines()) <= 40, text)
        check(f"{name} sends text only", result.structured_content is None)
        await check_link(client, name, result)

        result = await client.call_tool(name, wrong)
        text = text_of(result)
        named = text.startswith("error[unknown_argument]: ") and wanted in text
        check(f"{name} refuses a misspelt argument and names `{wanted}`", result.is_error and named, text)

        result = await client.call_tool(name, {**right, "format": "json"})
        text = text_of(result)
        same = not result.is_error and result.structured_content == json.loads(text)
        check(f"{name} gives numbers when asked", same and result.structured_content["step"] == name, text)


async def check_beside_tools(client: Client) -> None:
    prompts = {prompt.name: prompt for prompt in (await client.list_prompts()).prompts}
    check("two prompts are listed", set(prompts) == {"keep-segment", "review-account"}, sorted(prompts))
    flow = await client.get_prompt("keep-segment", {"book": "my", "csms": "accounts.csv"})
    check("a split path is put together", "- book: my accounts.csv" in flow.messages[0].content.text, flow)
    review = await client.get_prompt("review-account", {"account": "Acme", "rest": "Corp"})
    check("a split name is put together", '{"account":"Acme Corp"}' in review.messages[0].content.text, review)
    listed = (await client.list_resources()).resources
    check("model and reports are listed", len(listed) >= 3, listed)
    for item in listed:
        read = (await client.read_resource(str(item.uri))).contents[0]
        same = len(read.text.encode()) == item.size and read.mime_type == item.mime_type
        check(f"{item.uri} is read as it is listed", same, item)
    templates = (await client.list_resource_templates()).resource_templates
    check("two templates are listed", len(templates) == 2, templates)
    books = await complete(client, PromptReference(name="keep-segment"), "book", "bo")
    check("book files are offered", books == [BOOK], books)
    accounts = await complete(client, PromptReference(name="review-account"), "account", "a")
    check("accounts are offered", 0 < len(accounts) <= 100, accounts)
    reports = ResourceTemplateReference(uri="keep-segment://{model}/reports/{name}")
    check("models are offered", await complete(client, reports, "model", "") == ["segmentation"])
    try:
        result = await client.read_resource("keep-segment://segmentation/reports/..%2F..%2Fx")
        check("no address leads out", False, result)
    except MCPError as error:
        check("no address leads out", "resource_not_found" in error.message, error)


async def complete(client: Client, ref, name: str, value: str) -> list[str]:
    result = await client.complete(ref, {"name": name, "value": value})
    return result.completion.values


async def check_unknown_tool(client: Client) -> None:
    try:
        result = await client.call_tool("lod_book", {})
        check("an unknown tool is a protocol error", False, result)
    except MCPError as error:
        check("an unknown tool is a protocol error", "load_book" in error.message, error)


async def run(binary: str, book: Path, mode: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        shutil.copyfile(book, workspace / BOOK)
        server = StdioServerParameters(command=binary, args=["mcp"], env={"KEEP_SEGMENT_WORKSPACE": folder})
        async with Client(server, mode=mode, read_timeout_seconds=60) as client:
            modern = client.protocol_version >= "2026-07-28"
            check(f"{mode} negotiates its era", modern == (mode == "auto"), client.protocol_version)
            info = client.server_info
            check(f"{mode}: the server names itself", info is None or info.name == "keep-segment", info)
            check(f"{mode}: instructions carry the chain", "define_axes" in (client.instructions or ""))
            await check_list(client)
            await check_chain(client)
            await check_beside_tools(client)
            await check_unknown_tool(client)


async def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    binary, book = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2])
    for mode in ("auto", "legacy"):
        await run(binary, book, mode)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
