//! The links of a page that are worth trying.

use std::borrow::Cow;

use http::HeaderMap;
use tent_flow::SchemeRule;
use url::Url;

use super::walk::check;
use super::{LinkIgnored, MAX_LINKS, TargetField, Via};
use crate::html_link::Head;
use crate::link_header;
use crate::trace::{Finding, TraceStep};

/// A link that is worth trying.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) relation: Cow<'static, str>,
    pub(super) url: Url,
    pub(super) via: Via,
}

/// Collects the links of a page, the preferred relation first, each relation in document order.
pub(super) struct Candidates<'a> {
    pub(super) rule: SchemeRule,
    pub(super) relations: &'a [Cow<'static, str>],
    pub(super) fields: &'a [TargetField],
    pub(super) page: &'a Url,
    /// Where the document behind the target of a link is.
    pub(super) locate: &'a dyn Fn(&str, Url) -> Url,
    pub(super) step: &'a mut TraceStep,
    pub(super) found: Vec<Candidate>,
}

impl Candidates<'_> {
    pub(super) fn in_header(&mut self, headers: &HeaderMap) {
        for relation in self.relations {
            let links = link_header::links(headers).filter_map(Result::ok);
            for link in links.filter(|link| link.has_relation(relation)) {
                if link.has_anchor() {
                    self.ignore(Via::LinkHeader, link.target(), LinkIgnored::Anchor);
                } else {
                    self.offer(Via::LinkHeader, relation.clone(), self.page, link.target());
                }
            }
            let fields = self.fields.iter();
            let fields = fields.filter(|field| field.relation == *relation);
            for value in fields.flat_map(|field| headers.get_all(&field.name)) {
                let value = String::from_utf8_lossy(value.as_bytes());
                // A comma within a URL would have to be encoded.
                let targets = value.split(',').map(str::trim);
                for target in targets.filter(|target| !target.is_empty()) {
                    self.offer(Via::TargetField, relation.clone(), self.page, target);
                }
            }
        }
        for error in link_header::links(headers).filter_map(Result::err) {
            self.step.note(Finding::Malformed(error));
        }
    }

    pub(super) fn in_html(&mut self, html: &[u8]) {
        let head = Head::parse(html);
        let base = head.base(self.page);
        for relation in self.relations {
            let links = head.links().iter();
            for link in links.filter(|link| link.has_relation(relation)) {
                self.offer(Via::HtmlLink, relation.clone(), &base, link.target());
            }
        }
    }

    fn offer(&mut self, via: Via, relation: Cow<'static, str>, base: &Url, target: &str) {
        match self.accept(&relation, base, target) {
            Ok(url) => {
                self.step.note(Finding::Link {
                    via,
                    relation: relation.clone(),
                    url: url.clone(),
                });
                self.found.push(Candidate { relation, url, via });
            }
            Err(why) => self.ignore(via, target, why),
        }
    }

    fn accept(&self, relation: &str, base: &Url, target: &str) -> Result<Url, LinkIgnored> {
        let mut url = base.join(target)?;
        url.set_fragment(None);
        let url = (self.locate)(relation, url);
        check(self.rule, self.page, &url)?;
        if self.found.iter().any(|found| found.url == url) {
            return Err(LinkIgnored::Duplicate);
        }
        if self.found.len() >= MAX_LINKS {
            return Err(LinkIgnored::TooMany);
        }
        Ok(url)
    }

    fn ignore(&mut self, via: Via, target: &str, why: LinkIgnored) {
        self.step.note(Finding::ignored(via, target, why));
    }
}
