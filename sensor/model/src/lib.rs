//! The nouns of GB/T 46796: interfaces, callers, accounts, risk sources, risks.
