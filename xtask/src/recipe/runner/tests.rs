//! Tests of command lines, with the recipes that are shipped.

use super::*;

fn shipped(name: &str) -> RunnerRecipe {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    toml::from_str(&fs_err::read_to_string(root.join(format!("recipes/runners/{name}.toml"))).unwrap()).unwrap()
}

fn guest() -> Guest {
    Guest {
        module: "/p/python.wasm".into(),
        argv0: "/usr/local/bin/python3".to_owned(),
        directories: vec![Directory::read_only("/p", "/usr/local"), Directory::writable("/w", "/")],
        appended_files: vec![AppendedFile { host: "/w/j".into(), guest: "/j".to_owned() }],
        working_directory: Some("/w".to_owned()),
        environment: [("B", "x=y"), ("A", "1 2")].map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        arguments: ["-c", "print('--dir {host}')"].map(str::to_owned).into(),
        stack_size: 1024,
        timeout: Some(Duration::from_millis(2500)),
        cache: Some("/cache".into()),
    }
}

fn line(name: &str, guest: &Guest) -> String {
    let script = Utf8Path::new("/recipes/script");
    let beginning = Beginning { script: Some(script), program: Some(Utf8Path::new("/usr/bin/program")) };
    arguments(&shipped(name).guest, beginning, guest).unwrap().join(" ")
}

#[test]
fn each_runner_has_its_own_command_line() {
    let runners = ["host-runner", "wasmtime", "node", "wazero", "wasmedge", "chromium"];
    let lines = runners.map(|name| format!("{name} {}", line(name, &guest())));
    insta::assert_snapshot!(lines.join("\n"), @"
    host-runner run --dir /p::/usr/local::ro --dir /w::/ --env A=1 2 --env B=x=y --argv0 /usr/local/bin/python3 --wasm max-wasm-stack=1024 --timeout 2.5 --cache /cache /p/python.wasm -c print('--dir {host}')
    wasmtime run --dir /p::/usr/local --dir /w::/ --env A=1 2 --env B=x=y --argv0 /usr/local/bin/python3 --wasm max-wasm-stack=1024 /p/python.wasm -c print('--dir {host}')
    node --no-warnings /recipes/script run --dir /p::/usr/local::ro --dir /w::/ --env A=1 2 --env B=x=y --argv0 /usr/local/bin/python3 --wasm max-wasm-stack=1024 /p/python.wasm -c print('--dir {host}')
    wazero run -mount /p:/usr/local:ro -mount /w:/ -env A=1 2 -env B=x=y -cachedir /cache /p/python.wasm -c print('--dir {host}')
    wasmedge run --run-mode aot --dir /usr/local:/p:readonly --dir /:/w --env A=1 2 --env B=x=y -- /p/python.wasm -c print('--dir {host}')
    chromium run --browser /usr/bin/program --dir /p::/usr/local::ro --dir /w::/ --append /w/j::/j --cwd /w --env A=1 2 --env B=x=y --timeout 2.5 --profiles /cache /p/python.wasm -c print('--dir {host}')
    ");
}

#[test]
fn a_compile_command_has_input_and_output() {
    let compile = shipped("wasmedge").compile.unwrap();
    let words = compile_arguments(&compile, Utf8Path::new("/p/python.wasm"), Utf8Path::new("/cache/python.so"));
    assert!(words.join(" ").ends_with(" -- /p/python.wasm /cache/python.so"), "{words:?}");
    assert!(["host-runner", "wasmtime", "node", "wazero"].iter().all(|name| shipped(name).compile.is_none()));
}

#[test]
fn what_is_not_asked_for_is_not_said() {
    let guest = Guest { directories: Vec::new(), environment: BTreeMap::new(), timeout: None, cache: None, ..guest() };
    insta::assert_snapshot!(line("host-runner", &guest), @"run --argv0 /usr/local/bin/python3 --wasm max-wasm-stack=1024 /p/python.wasm -c print('--dir {host}')");
    assert_eq!(variables(&shipped("wasmtime").guest, &guest), BTreeMap::new());
}

#[test]
fn a_folder_that_no_option_names_is_named_by_a_variable() {
    let variables = variables(&shipped("wasmtime").guest, &guest());
    assert_eq!(variables, BTreeMap::from([("XDG_CACHE_HOME".to_owned(), "/cache".to_owned())]));
}

#[test]
fn values_are_given_as_they_are() {
    let variable = ("A".to_owned(), "{name}{value}".to_owned());
    let guest = Guest { environment: BTreeMap::from([variable]), ..guest() };
    assert!(line("wasmtime", &guest).contains("--env A={name}{value} --argv0"));
}

#[test]
fn a_path_that_a_runner_would_cut_in_two_is_refused() {
    let guest = |host: &str| Guest { directories: vec![Directory::writable(host, "/")], ..guest() };
    assert!(arguments(&shipped("wasmtime").guest, Beginning::default(), &guest("/a:b")).is_ok());
    for (runner, host) in [("wazero", "/a:b"), ("wasmtime", "/a::b"), ("host-runner", "/a::b")] {
        let error = arguments(&shipped(runner).guest, Beginning::default(), &guest(host)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("the path `{host}` has")) && error.contains("\nhint: "), "{error}");
    }
}

#[test]
fn every_ability_is_supported_or_has_a_reason() {
    for name in ["host-runner", "wasmtime", "node", "wazero", "wasmedge", "chromium"] {
        let runner = shipped(name);
        for ability in Ability::ALL {
            assert_ne!(runner.can(ability), runner.cannot(ability).is_some(), "{name} {}", ability.name());
        }
    }
    assert!(shipped("host-runner").can(Ability::ReadOnlyDirectory));
    assert!(!shipped("wasmtime").can(Ability::ReadOnlyDirectory));
}
