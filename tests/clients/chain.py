"""Drives the keep-segment server with the official Python MCP SDK: each tool once right and once wrong.

Usage: chain.py BINARY BOOK.csv
"""

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path

from mcp import Client, MCPError, StdioServerParameters

BOOK = "book.csv"

# The tool, arguments that work, one misspelt argument, and the name that it should have had.
CHAIN = [
    ("load_book", {"path": BOOK}, {"path": BOOK, "colums": {}}, "columns"),
    ("define_axes", {}, {"metod": "log"}, "method"),
    ("score_strategic", {}, {"signal": {}}, "signals"),
    ("assign_tiers", {}, {"rul": "grid"}, "rule"),
    ("calibrate_capacity", {"csms": 8}, {"csm": 8}, "csms"),
    ("validate", {}, {"sed": 1}, "seed"),
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


def check_link(tool: str, result, workspace: Path) -> None:
    for block in result.content[1:]:
        is_link = block.type == "resource_link" and block.uri.startswith("file://")
        check(f"{tool}: what follows the text links to a report", is_link and block.mime_type == "text/markdown", block)


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


async def check_chain(client: Client, workspace: Path) -> None:
    for name, right, wrong, wanted in CHAIN:
        result = await client.call_tool(name, right)
        text = text_of(result)
        check(f"{name} works", not result.is_error and text.startswith("╭") and name in text, text)
        check(f"{name} answers in at most 40 lines", len(text.splitlines()) <= 40, text)
        check(f"{name} sends text only", result.structured_content is None)
        check_link(name, result, workspace)

        result = await client.call_tool(name, wrong)
        text = text_of(result)
        named = text.startswith("error[unknown_argument]: ") and wanted in text
        check(f"{name} refuses a misspelt argument and names `{wanted}`", result.is_error and named, text)

        result = await client.call_tool(name, {**right, "format": "json"})
        text = text_of(result)
        same = not result.is_error and result.structured_content == json.loads(text)
        check(f"{name} gives numbers when asked", same and result.structured_content["step"] == name, text)


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
            await check_chain(client, workspace)
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
