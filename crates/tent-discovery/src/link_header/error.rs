//! What is wrong in a `Link` field.

/// What is wrong in a `Link` field, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Link field {}, byte {offset}: {kind}", field + 1)]
#[non_exhaustive]
pub struct LinkError {
    /// Which of the `Link` fields it is, counted from 0.
    pub field: usize,
    /// Where in the field's value, in bytes from 0.
    pub offset: usize,
    /// What is wrong.
    pub kind: LinkErrorKind,
}

/// What is wrong in a `Link` field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkErrorKind {
    /// An element of the list does not begin with `<`.
    #[error("a link begins with `<`")]
    ExpectedTarget,
    /// There is no `>` behind a `<`.
    #[error("the `<` is never closed")]
    UnclosedTarget,
    /// The target is not UTF-8.
    #[error("the target is not UTF-8")]
    TargetNotUtf8,
    /// Something else than a `;` or a `,` follows a target or a parameter.
    #[error("a `;` or `,` is missing")]
    ExpectedSeparator,
    /// A parameter has no name, or its name is not a token.
    #[error("that is no name of a parameter")]
    ParameterName,
    /// There is no second quote.
    #[error("the quote is never closed")]
    UnclosedQuote,
}
