//! The text of an essay, without its HTML.
//!
//! Nothing of the markup is kept, so nothing of it can do harm. What comes out is text, and escaped
//! like any other when it is shown.

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// How much of an essay is looked at, in bytes: more than is shown, and little to read.
const MAX_HTML: usize = 64 * 1024;

/// Elements whose text is not meant to be read.
const UNREAD: [&[u8]; 6] = [
    b"script",
    b"style",
    b"title",
    b"template",
    b"iframe",
    b"noscript",
];

/// Elements within a paragraph. All others end it.
const INLINE: [&[u8]; 17] = [
    b"a", b"abbr", b"b", b"cite", b"code", b"del", b"em", b"i", b"img", b"ins", b"mark", b"q",
    b"s", b"small", b"span", b"strong", b"u",
];

/// The paragraphs of a text in HTML. White space within them is single.
pub(super) fn paragraphs(html: &str) -> Vec<String> {
    let mut cut = html.len().min(MAX_HTML);
    while !html.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut emitter: DefaultEmitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut texts = vec![String::new()];
    let mut unread: Option<Vec<u8>> = None;
    for token in Tokenizer::new_with_emitter(&html[..cut], emitter).flatten() {
        match token {
            Token::StartTag(tag) if unread.is_none() => {
                if UNREAD.contains(&tag.name.as_slice()) {
                    unread = Some(tag.name.to_vec());
                } else if !INLINE.contains(&tag.name.as_slice()) {
                    texts.push(String::new());
                }
            }
            Token::EndTag(tag) => {
                if unread.as_deref() == Some(tag.name.as_slice()) {
                    unread = None;
                } else if unread.is_none() && !INLINE.contains(&tag.name.as_slice()) {
                    texts.push(String::new());
                }
            }
            Token::String(text) if unread.is_none() => {
                if let Some(last) = texts.last_mut() {
                    last.push_str(&String::from_utf8_lossy(&text));
                }
            }
            _ => {}
        }
    }
    let texts = texts.iter().map(|text| {
        let words: Vec<_> = text.split_whitespace().collect();
        words.join(" ")
    });
    texts.filter(|text| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_text_is_kept_and_the_markup_is_not() {
        for (html, expected) in [
            (
                "<p>One <b>two</b>\n three<p>Four &amp; five",
                &["One two three", "Four & five"][..],
            ),
            ("a<br>b<hr>c", &["a", "b", "c"]),
            ("<script>alert(1)</script><style>p{}</style>x", &["x"]),
            (
                "<script>alert('<p>')</script >x<iframe src=//e.example>y</iframe>",
                &["x"],
            ),
            ("<img src=x onerror=alert(1)>", &[]),
            ("&lt;script&gt;", &["<script>"]),
            ("<template><p>a</template>b<!-- c -->", &["b"]),
            ("", &[]),
        ] {
            assert_eq!(paragraphs(html), expected, "{html}");
        }
        let long = format!("{}üü", "a".repeat(MAX_HTML - 1));
        assert_eq!(paragraphs(&long)[0].len(), MAX_HTML - 1);
    }

    proptest! {
        #[test]
        fn escaped_text_comes_back(text in "[a-zäöü<>&\"']{1,9}( [a-z<>&]{1,9}){0,9}") {
            let escaped = maud::html! { (text) }.into_string();
            prop_assert_eq!(paragraphs(&escaped), [text]);
        }

        #[test]
        fn anything_can_be_read(html in "(?s)(<[/!]?[a-z]{0,8}|.){0,60}") {
            let all = paragraphs(&html);
            prop_assert!(all.iter().all(|text| !text.trim().is_empty()));
        }
    }
}
