//! Rule packs and their compiler: Hyperscan for literals, a class-run pass for numbers, validators.
