//! The graph of imports between files: what each file names, traced through re-exports to the file that defines it.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::Source;

/// A file by its module's path below `src`: `["source", "git", "tree"]`.
type Module = Vec<String>;

/// Which files each file names.
pub(super) struct Graph {
    pub(super) edges: BTreeMap<Module, BTreeSet<Module>>,
}

/// The files of a crate, and what they re-export.
struct Crate {
    modules: BTreeSet<Module>,
    /// By the module and the name that it has there.
    exports: BTreeMap<(Module, String), Vec<String>>,
}

/// The `use` items of a file and its other code, comments and unit tests left out.
struct Code {
    imports: Vec<Vec<String>>,
    exports: Vec<Vec<String>>,
    inline: Vec<Vec<String>>,
}

impl Graph {
    pub(super) fn of(sources: &[Source]) -> Self {
        let files: BTreeMap<Module, Code> =
            sources.iter().map(|source| (module(&source.path), Code::of(&source.code))).collect();
        let mut all = Crate { modules: files.keys().cloned().collect(), exports: BTreeMap::new() };
        for (module, code) in &files {
            for path in &code.exports {
                let name = path.last().cloned().unwrap_or_default();
                all.exports.insert((module.clone(), name), path.clone());
            }
        }
        let edges = files.iter().map(|(module, code)| (module.clone(), all.named_by(module, code))).collect();
        Self { edges }
    }

    /// The files that lead back to themselves, with the edges between them. Edges between a file and its parent do not
    /// count.
    pub(super) fn cycles(&self) -> Vec<String> {
        let is_family = |a: &Module, b: &Module| a.starts_with(b) && a.len() == b.len() + 1;
        let edges: BTreeMap<&Module, Vec<&Module>> = (self.edges.iter())
            .map(|(from, to)| {
                (from, to.iter().filter(|to| !is_family(from, to) && !is_family(to, from)).collect())
            })
            .collect();
        let reached = |from: &Module| {
            let (mut seen, mut waiting) = (BTreeSet::new(), vec![from.clone()]);
            while let Some(next) = waiting.pop() {
                let targets = edges.get(&next).into_iter().flatten();
                waiting.extend(targets.filter(|to| seen.insert((**to).clone())).map(|to| (*to).clone()));
            }
            seen
        };
        let reached: BTreeMap<&Module, BTreeSet<Module>> =
            edges.keys().map(|from| (*from, reached(from))).collect();
        let is_back = |from: &Module, to: &Module| reached.get(to).is_some_and(|all| all.contains(from));
        let back = edges.iter().flat_map(|(from, to)| to.iter().map(move |to| (*from, *to)));
        back.filter(|(from, to)| is_back(from, to))
            .map(|(from, to)| format!("{} -> {}", from.join("/"), to.join("/")))
            .collect()
    }

    /// The folders and files of `top` that each of them names.
    pub(super) fn within(&self, top: &str) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut inner: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let below = |module: &'_ Module| module.first().is_some_and(|first| first == top) && module.len() > 1;
        for (from, to) in self.edges.iter().filter(|(from, _)| below(from)) {
            let named = inner.entry(&from[1]).or_default();
            named.extend(to.iter().filter(|to| below(to) && to[1] != from[1]).map(|to| to[1].as_str()));
        }
        inner
    }
}

/// `source/git/mod` is the module `source::git`, and `lib` the crate itself.
fn module(path: &str) -> Module {
    let parts = path.split('/').filter(|part| !matches!(*part, "mod" | "lib"));
    parts.map(str::to_owned).collect()
}

impl Crate {
    fn named_by(&self, own: &Module, code: &Code) -> BTreeSet<Module> {
        let used = code.imports.iter().chain(&code.inline).filter_map(|path| self.file_of(own, path));
        // What a file re-exports of its own children is not used by it.
        let exported = code.exports.iter().filter_map(|path| self.file_of(own, path));
        let exported = exported.filter(|file| !file.starts_with(own));
        used.chain(exported).filter(|file| file != own && !file.is_empty()).collect()
    }

    /// The file that defines what `path` names in the module `own`.
    fn file_of(&self, own: &Module, path: &[String]) -> Option<Module> {
        let (mut file, mut rest) = self.step(own, path)?;
        // A name may be handed on several times.
        for _ in 0..8 {
            let Some((name, behind)) = rest.split_first() else { break };
            let Some(export) = self.exports.get(&(file.clone(), name.clone())) else { break };
            let (next, mut left) = self.step(&file, export)?;
            left.extend_from_slice(behind);
            if next == file && left == rest {
                break;
            }
            (file, rest) = (next, left);
        }
        Some(file)
    }

    /// The last module on `path`, and what follows.
    fn step(&self, own: &Module, path: &[String]) -> Option<(Module, Vec<String>)> {
        let mut rest = path.iter().peekable();
        let mut module = match rest.peek()?.as_str() {
            "crate" => {
                rest.next();
                Module::new()
            }
            "self" | "super" => {
                let mut module = own.clone();
                while let Some(word) = rest.next_if(|word| matches!(word.as_str(), "self" | "super")) {
                    if word == "super" {
                        module.pop();
                    }
                }
                module
            }
            child => {
                let is_module = self.modules.contains(&[own.as_slice(), &[child.to_owned()]].concat());
                is_module.then(|| own.clone())?
            }
        };
        while let Some(name) = rest.peek() {
            let child = [module.as_slice(), &[(*name).clone()]].concat();
            if !self.modules.contains(&child) {
                break;
            }
            module = child;
            rest.next();
        }
        Some((module, rest.cloned().collect()))
    }
}

impl Code {
    fn of(code: &str) -> Self {
        let tests = Regex::new(r"(?m)^#\[cfg\((?:all\()?test[^\n]*\nmod \w+ \{").expect("a regex");
        let code = &code[..tests.find(code).map_or(code.len(), |tests| tests.start())];
        let within = Regex::new(r"pub\(in [^)]*\)").expect("a regex");
        let code = within.replace_all(code, "pub");
        let item = Regex::new(r"(?m)^\s*(pub(?:\([^)]*\))? )?use ([^;]+);").expect("a regex");
        let (mut imports, mut exports) = (Vec::new(), Vec::new());
        for found in item.captures_iter(&code) {
            let list = if found.get(1).is_some() { &mut exports } else { &mut imports };
            expand(&[], &found[2], list);
        }
        let inline = Regex::new(r"\b(?:crate|super|self)(?:::\w+)+").expect("a regex");
        let others = item.replace_all(&code, "");
        let inline = inline.find_iter(&others).map(|found| words(found.as_str())).collect();
        Self { imports, exports, inline }
    }
}

fn words(path: &str) -> Vec<String> {
    path.split("::").map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

/// The paths that a tree of imports stands for.
fn expand(before: &[String], tree: &str, paths: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let Some((head, body)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        let path = [before, &words(path)].concat();
        if !tree.is_empty() {
            paths.push(path);
        }
        return;
    };
    let before = [before, &words(head)].concat();
    let body = body.trim_end().strip_suffix('}').unwrap_or(body);
    let (mut depth, mut start) = (0, 0);
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                expand(&before, &body[start..at], paths);
                start = at + 1;
            }
            _ => {}
        }
    }
    expand(&before, &body[start..], paths);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(files: &[(&str, &str)]) -> Graph {
        let source =
            |(path, code): &(&str, &str)| Source { path: (*path).to_owned(), code: (*code).to_owned() };
        Graph::of(&files.iter().map(source).collect::<Vec<_>>())
    }

    #[test]
    fn a_cycle_is_found_through_re_exports_nested_lists_and_inline_paths() {
        let parent = ("a/mod", "mod b;\nmod c;\npub(super) use b::B;\n");
        let back = ("a/c", "struct C(super::B);\n");
        for there in ["use super::c::C;", "use super::{\n    c::{self, C},\n};", "struct B(crate::a::c::C);"]
        {
            let cycles = graph(&[parent, ("a/b", there), back]).cycles();
            assert_eq!(cycles, ["a/b -> a/c", "a/c -> a/b"], "{there}");
        }
    }

    #[test]
    fn a_parent_and_its_child_are_no_cycle_and_tests_name_what_they_like() {
        let child = "use super::A;\n#[cfg(test)]\nmod tests {\n    use super::super::c::C;\n}\n";
        let files = [("a/mod", "use b::B;\nuse c::C;\n"), ("a/b", child), ("a/c", "use super::b::B;\n")];
        assert_eq!(graph(&files).cycles(), [""; 0]);
    }
}
