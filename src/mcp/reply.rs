//! Turns a tool's reply into an MCP result: the text, a link to the report, and the numbers when they were asked for.

use rmcp::model::{CallToolResult, ContentBlock, ProtocolVersion, Resource};

use crate::error::Problem;
use crate::tools::Reply;

/// The result to send to a client of this protocol version; `link` leads to the report where it can be read as a resource.
pub(super) fn result(reply: Reply, link: Option<Resource>, version: Option<&ProtocolVersion>) -> CallToolResult {
    let text = ContentBlock::text(reply.text);
    if reply.is_error {
        return CallToolResult::error(vec![text]);
    }
    let mut content = vec![text];
    if let Some(link) = link.filter(|_| knows_links(version)) {
        content.push(ContentBlock::resource_link(link));
    }
    let mut result = CallToolResult::success(content);
    result.structured_content = reply.structured;
    result
}

/// The result for a tool that stopped on a fault of its own.
pub(super) fn internal(tool: &str) -> CallToolResult {
    let message = format!("`{tool}` stopped on a fault of its own, see the log; the server is still running");
    let problem = Problem::new("internal", message).next(format!("{tool} once more, then report the fault"));
    CallToolResult::error(vec![ContentBlock::text(crate::error::Error::from(problem).to_string())])
}

/// Links in results came with 2025-06-18; a strict older client rejects the whole result over one.
fn knows_links(version: Option<&ProtocolVersion>) -> bool {
    version.is_none_or(|version| version.as_str() >= ProtocolVersion::V_2025_06_18.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn sent(reply: Reply, version: ProtocolVersion) -> Value {
        let link = reply
            .report
            .as_ref()
            .map(|_| Resource::new("keep-segment://segmentation/reports/tiers.md", "tiers.md"));
        serde_json::to_value(result(reply, link, Some(&version))).unwrap()
    }

    fn reply(text: &str) -> Reply {
        Reply {
            text: text.into(),
            structured: None,
            report: None,
            is_error: false,
        }
    }

    #[test]
    fn a_box_is_one_text_and_a_link_to_the_report() {
        let boxed = Reply {
            report: Some(".keep-segment/segmentation/reports/tiers.md".into()),
            ..reply("box")
        };
        let sent = sent(boxed, ProtocolVersion::V_2025_11_25);
        assert_eq!(sent["content"][0], json!({"type": "text", "text": "box"}));
        assert_eq!(sent["content"][1]["type"], "resource_link");
        assert_eq!(sent["content"][1]["name"], "tiers.md");
        assert_eq!(sent["content"][1]["uri"], "keep-segment://segmentation/reports/tiers.md");
        assert_eq!(sent["isError"], false);
        assert!(sent.get("structuredContent").is_none());
    }

    #[test]
    fn an_old_client_gets_no_link_that_it_could_not_read() {
        let boxed = Reply {
            report: Some("r.md".into()),
            ..reply("box")
        };
        assert_eq!(
            sent(boxed, ProtocolVersion::V_2024_11_05)["content"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn numbers_are_sent_only_when_the_tool_gave_them() {
        let numbers = Reply {
            structured: Some(json!({"step": "validate"})),
            ..reply(r#"{"step":"validate"}"#)
        };
        let sent = sent(numbers, ProtocolVersion::V_2025_11_25);
        assert_eq!(sent["structuredContent"], json!({"step": "validate"}));
        assert_eq!(sent["content"][0]["text"], r#"{"step":"validate"}"#);
    }

    #[test]
    fn an_error_is_one_text_block() {
        let error = Reply {
            report: Some("r.md".into()),
            structured: Some(json!({})),
            is_error: true,
            ..reply("error[x]: y")
        };
        let sent = sent(error, ProtocolVersion::V_2025_11_25);
        assert_eq!(sent["isError"], true);
        assert_eq!(sent["content"], json!([{"type": "text", "text": "error[x]: y"}]));
        assert!(sent.get("structuredContent").is_none());
    }

    #[test]
    fn a_fault_says_that_the_server_lives() {
        let sent = serde_json::to_value(internal("validate")).unwrap();
        let text = sent["content"][0]["text"].as_str().unwrap();
        assert_eq!(sent["isError"], true);
        assert!(
            text.starts_with("error[internal]: ") && text.contains("the server is still running"),
            "{text}"
        );
    }
}
