/** What real tools print where they fail, with the line that says why. */

export interface FailedOutput {
  readonly tool: string;
  readonly output: string;
  /** The sentence. */
  readonly says: string;
  /** A part of its line, where the sentence is not. */
  readonly at?: string;
}

export const REAL_OUTPUTS: readonly FailedOutput[] = [
  {
    tool: "python",
    output: `Loading
Traceback (most recent call last):
  File "/srv/load.py", line 2, in <module>
    {}['x']
KeyError: 'x'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/load.py", line 4, in <module>
    raise RuntimeError("could not load") from e
RuntimeError: could not load
`,
    says: "RuntimeError: could not load",
  },
  {
    tool: "python, an exception called otherwise",
    output: `Traceback (most recent call last):
  File "a.py", line 3, in <module>
    subprocess.run(["sleep", "9"], timeout=1)
subprocess.TimeoutExpired: Command '['sleep', '9']' timed out after 1 seconds
`,
    says: "subprocess.TimeoutExpired: Command '['sleep', '9']' timed out after 1 seconds",
  },
  {
    tool: "node",
    output: `node:internal/modules/cjs/loader:1210
  throw err;
  ^

Error: Cannot find module './nope'
Require stack:
- /srv/[eval]
    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)
    at Module._load (node:internal/modules/cjs/loader:1038:27) {
  code: 'MODULE_NOT_FOUND',
  requireStack: [ '/srv/[eval]' ]
}

Node.js v20.20.2
`,
    says: "Error: Cannot find module './nope'",
  },
  {
    tool: "node, thrown by a line that stands above",
    output: `/srv/a.js:3
    throw new TypeError("no host");
    ^

TypeError [ERR_INVALID_ARG_TYPE]: no host
    at Object.<anonymous> (/srv/a.js:3:11)

Node.js v20.20.2
`,
    says: "TypeError [ERR_INVALID_ARG_TYPE]: no host",
  },
  {
    tool: "npm",
    output: `npm warn deprecated inflight@1.0.6: This module is not supported
npm error code E404
npm error 404 Not Found - GET https://registry.npmjs.org/nope-nope
npm error 404
npm error 404  The requested resource 'nope-nope@99' could not be found
npm error A complete log of this run can be found in: /root/.npm/_logs/x-debug-0.log
`,
    says: "npm error 404 Not Found - GET https://registry.npmjs.org/nope-nope",
  },
  {
    tool: "npm, of before",
    output: `npm ERR! code ENOENT
npm ERR! syscall open
npm ERR! path /srv/package.json
npm ERR! errno -2
npm ERR! enoent ENOENT: no such file or directory, open '/srv/package.json'
npm ERR! enoent This is related to npm not being able to find a file.
`,
    says: "npm ERR! enoent ENOENT: no such file or directory, open '/srv/package.json'",
  },
  {
    tool: "make",
    output: `cc -c a.c
a.c: In function ‘main’:
a.c:1:20: error: ‘x’ undeclared (first use in this function)
    1 | int main(){ return x }
      |                    ^
a.c:1:20: note: each undeclared identifier is reported only once
a.c:1:21: error: expected ‘;’ before ‘}’ token
make: *** [Makefile:2: a.o] Error 1
`,
    says: "a.c:1:20: error: ‘x’ undeclared (first use in this function)",
  },
  {
    tool: "make, without a rule",
    output: "make: *** No rule to make target 'nope'.  Stop.\n",
    says: "make: *** No rule to make target 'nope'.  Stop.",
  },
  {
    tool: "gcc's linker",
    output: `/usr/bin/ld: /tmp/a.o: in function \`main':
a.c:(.text+0xa): undefined reference to \`foo'
collect2: error: ld returned 1 exit status
`,
    says: "a.c:(.text+0xa): undefined reference to `foo'",
  },
  {
    tool: "cmake",
    output: `-- The C compiler identification is GNU 12.2.0
-- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)
CMake Error at CMakeLists.txt:3 (find_package):
  Could not find a package configuration file provided by "Nope".

-- Configuring incomplete, errors occurred!
`,
    says: 'CMake Error at CMakeLists.txt:3 (find_package): Could not find a package configuration file provided by "Nope".',
    at: "CMake Error",
  },
  {
    tool: "apt",
    output: `Get:1 http://deb.debian.org/debian bookworm/main amd64 libgpg-error0 amd64 1.46-1 [76.0 kB]
Reading package lists...
Building dependency tree...
E: Unable to locate package nope-nope
`,
    says: "E: Unable to locate package nope-nope",
  },
  {
    tool: "dpkg",
    output: `Setting up libgpg-error0 (1.46-1) ...
dpkg: error processing package nginx (--configure):
 installed nginx package post-installation script subprocess returned error exit status 1
Errors were encountered while processing:
 nginx
E: Sub-process /usr/bin/dpkg returned an error code (1)
`,
    says: "dpkg: error processing package nginx (--configure):",
  },
  {
    tool: "rsync",
    output: `sending incremental file list
rsync: [sender] link_stat "/nope" failed: No such file or directory (2)

sent 17 bytes  received 12 bytes  58.00 bytes/sec
rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1394) [sender=3.5.0]
`,
    says: 'rsync: [sender] link_stat "/nope" failed: No such file or directory (2)',
  },
  {
    tool: "ssh, below rsync",
    output: `Warning: Permanently added 'jump' (ED25519) to the list of known hosts.
ssh: Could not resolve hostname web-7: Name or service not known
rsync: connection unexpectedly closed (0 bytes received so far) [Receiver]
rsync error: unexplained error (code 255) at io.c(231) [Receiver=3.2.7]
`,
    says: "ssh: Could not resolve hostname web-7: Name or service not known",
  },
  {
    tool: "ssh, that is not let in",
    output: "root@web-7: Permission denied (publickey,password).\n",
    says: "root@web-7: Permission denied (publickey,password).",
  },
  {
    tool: "docker",
    output: `Unable to find image 'nope:latest' locally
docker: Error response from daemon: pull access denied for nope, repository does not exist or may require 'docker login'.

Run 'docker run --help' for more information
`,
    says: "docker: Error response from daemon: pull access denied for nope, repository does not exist or may require 'docker login'.",
  },
  {
    tool: "docker build",
    output: `#7 [3/4] COPY package.json .
#7 DONE 0.1s
#8 [4/4] RUN npm ci
#8 2.101 npm error code EUSAGE
#8 2.102 npm error The \`npm ci\` command can only install with an existing package-lock.json
#8 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
`,
    says: "npm error The `npm ci` command can only install with an existing package-lock.json",
  },
  {
    tool: "curl, behind its meter",
    output: `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0curl: (6) Could not resolve host: nope.example
`,
    says: "curl: (6) Could not resolve host: nope.example",
  },
  {
    tool: "wget",
    output: `--2026-11-26 00:30:00--  http://nope.example/
Resolving nope.example (nope.example)... failed: Name or service not known.
wget: unable to resolve host address ‘nope.example’
`,
    says: "wget: unable to resolve host address ‘nope.example’",
  },
  {
    tool: "tsc",
    output: `src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.
src/b.ts(9,1): error TS2304: Cannot find name 'foo'.
`,
    says: "src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.",
  },
  {
    tool: "tsc, in colours for people",
    output: `src/a.ts:3:5 - error TS2322: Type 'string' is not assignable to type 'number'.

3     x = "a";
      ~

Found 1 error in src/a.ts:3
`,
    says: "src/a.ts:3:5 - error TS2322: Type 'string' is not assignable to type 'number'.",
  },
  {
    tool: "eslint",
    output: `/srv/src/a.js
  1:7  warning  'y' is assigned a value but never used  no-unused-vars
  3:5  error    'x' is not defined                     no-undef

✖ 2 problems (1 error, 1 warning)
`,
    says: "3:5  error    'x' is not defined                     no-undef",
  },
  {
    tool: "pytest",
    output: `============================= test session starts ==============================
collected 2 items

test_errors.py .F                                                        [100%]

=================================== FAILURES ===================================
___________________________________ test_sum ___________________________________

    def test_sum():
>       assert total([1]) == 2
E       assert 1 == 2
E        +  where 1 = total([1])

test_errors.py:5: AssertionError
=========================== short test summary info ============================
FAILED test_errors.py::test_sum - assert 1 == 2
========================= 1 failed, 1 passed in 0.02s ==========================
`,
    says: "FAILED test_errors.py::test_sum - assert 1 == 2",
  },
  {
    tool: "vitest",
    output: ` ✓ test/errors.test.ts (3 tests) 12ms
 ❯ test/a.test.ts (1 test | 1 failed) 8ms

⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  test/a.test.ts > adds
AssertionError: expected 1 to be 2 // Object.is equality
 ❯ test/a.test.ts:3:15

 Test Files  1 failed | 1 passed (2)
`,
    says: "AssertionError: expected 1 to be 2 // Object.is equality",
  },
  {
    tool: "jest",
    output: `FAIL test/a.test.js
  ● sums › adds

    expect(received).toBe(expected) // Object.is equality

    Expected: 2
    Received: 1

Tests:       1 failed, 4 passed, 5 total
`,
    says: "● sums › adds",
  },
  {
    tool: "cargo",
    output: `   Compiling thiserror v1.0.40
warning: unused variable: \`error\`
 --> src/main.rs:1:5
error[E0308]: mismatched types
 --> src/main.rs:2:18
  |
2 |     let x: i32 = "a";
  |            ---   ^^^ expected \`i32\`, found \`&str\`

For more information about this error, try \`rustc --explain E0308\`.
error: could not compile \`x\` (bin "x") due to 1 previous error; 1 warning emitted
`,
    says: "error[E0308]: mismatched types",
  },
  {
    tool: "rust",
    output: `thread 'main' panicked at src/main.rs:2:5:
index out of bounds: the len is 3 but the index is 99
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
`,
    says: "thread 'main' panicked at src/main.rs:2:5: index out of bounds: the len is 3 but the index is 99",
    at: "panicked",
  },
  {
    tool: "rust, of before",
    output: `thread 'main' panicked at 'no host', src/main.rs:2:5
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
`,
    says: "thread 'main' panicked at 'no host', src/main.rs:2:5",
  },
  {
    tool: "go, while it runs",
    output: `panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.main()
	/srv/main.go:7 +0x1d
exit status 2
`,
    says: "panic: runtime error: index out of range [5] with length 3",
  },
  {
    tool: "go build",
    output: `# example.com/x
./main.go:5:2: undefined: foo
./main.go:9:4: missing return
`,
    says: "./main.go:5:2: undefined: foo",
  },
  {
    tool: "go test",
    output: `=== RUN   TestSum
--- FAIL: TestSum (0.00s)
    sum_test.go:5: got 1, want 2
FAIL
FAIL	example.com/x	0.002s
`,
    says: "--- FAIL: TestSum (0.00s): sum_test.go:5: got 1, want 2",
    at: "--- FAIL",
  },
  {
    tool: "java",
    output: `Exception in thread "main" java.lang.IllegalStateException: cannot start
	at com.example.App.main(App.java:12)
Caused by: java.io.FileNotFoundException: app.conf (No such file or directory)
	... 1 more
`,
    says: 'Exception in thread "main" java.lang.IllegalStateException: cannot start',
  },
  {
    tool: "javac",
    output: `App.java:3: error: cannot find symbol
    foo();
    ^
  symbol:   method foo()
1 error
`,
    says: "App.java:3: error: cannot find symbol",
  },
  {
    tool: "maven",
    output: `[INFO] Compiling 3 source files
[WARNING] the error class is old
[ERROR] /srv/App.java:[3,5] cannot find symbol
[INFO] BUILD FAILURE
[ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin
`,
    says: "[ERROR] /srv/App.java:[3,5] cannot find symbol",
  },
  {
    tool: "gradle",
    output: `> Task :compileJava FAILED

FAILURE: Build failed with an exception.

* What went wrong:
Execution failed for task ':compileJava'.

BUILD FAILED in 2s
`,
    says: "* What went wrong: Execution failed for task ':compileJava'.",
    at: "* What went wrong",
  },
  {
    tool: "dotnet",
    output: `/srv/Program.cs(3,5): error CS0103: The name 'foo' does not exist in the current context [/srv/x.csproj]

Build FAILED.
    0 Warning(s)
    1 Error(s)
`,
    says: "/srv/Program.cs(3,5): error CS0103: The name 'foo' does not exist in the current context [/srv/x.csproj]",
  },
  {
    tool: "git",
    output: `To /srv/shop.git
 ! [rejected]        main -> main (fetch first)
error: failed to push some refs to '/srv/shop.git'
hint: Updates were rejected because the remote contains work that you do
`,
    says: "! [rejected]        main -> main (fetch first)",
  },
  {
    tool: "git clone",
    output: "Cloning into 'x'...\nfatal: repository '/nope' does not exist\n",
    says: "fatal: repository '/nope' does not exist",
  },
  {
    tool: "dash",
    output: "begins\n/bin/sh: 3: nope: not found\n",
    says: "/bin/sh: 3: nope: not found",
  },
  {
    tool: "bash, a variable that is not set",
    output: "./deploy.sh: line 4: HOST: unbound variable\n",
    says: "./deploy.sh: line 4: HOST: unbound variable",
  },
  {
    tool: "sh, that cannot go there",
    output: "copying\n/bin/sh: 1: cd: can't cd to /tmp/instep-second\n",
    says: "/bin/sh: 1: cd: can't cd to /tmp/instep-second",
  },
  {
    tool: "cp",
    output: "cp: error writing '/mnt/a': No space left on device\n",
    says: "cp: error writing '/mnt/a': No space left on device",
  },
  {
    tool: "tar",
    output: `tar: /nope.tar: Cannot open: No such file or directory
tar: Error is not recoverable: exiting now
`,
    says: "tar: /nope.tar: Cannot open: No such file or directory",
  },
  {
    tool: "unzip",
    output: "unzip:  cannot find or open /nope.zip, /nope.zip.zip or /nope.zip.ZIP.\n",
    says: "unzip:  cannot find or open /nope.zip, /nope.zip.zip or /nope.zip.ZIP.",
  },
  {
    tool: "psql",
    output: `BEGIN
psql:up.sql:3: ERROR:  relation "shop" does not exist
LINE 1: select * from shop;
ROLLBACK
`,
    says: 'psql:up.sql:3: ERROR:  relation "shop" does not exist',
  },
  {
    tool: "mysql",
    output: "ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: NO)\n",
    says: "ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: NO)",
  },
  {
    tool: "pip",
    output: `Collecting nope
ERROR: Could not find a version that satisfies the requirement nope (from versions: none)
ERROR: No matching distribution found for nope
`,
    says: "ERROR: Could not find a version that satisfies the requirement nope (from versions: none)",
  },
  {
    tool: "perl",
    output: `Can't locate Nope.pm in @INC (you may need to install the Nope module) at -e line 1.
BEGIN failed--compilation aborted at -e line 1.
`,
    says: "Can't locate Nope.pm in @INC (you may need to install the Nope module) at -e line 1.",
  },
  {
    tool: "ruby",
    output: `a.rb:1:in 'foo': undefined method 'x' for nil (NoMethodError)
	from a.rb:3:in '<main>'
`,
    says: "a.rb:1:in 'foo': undefined method 'x' for nil (NoMethodError)",
  },
  {
    tool: "php",
    output: `PHP Fatal error:  Uncaught Exception: no host in /srv/a.php:3
Stack trace:
#0 {main}
`,
    says: "PHP Fatal error:  Uncaught Exception: no host in /srv/a.php:3",
  },
  {
    tool: "terraform",
    output: `╷
│ Error: Reference to undeclared resource
│ 
│   on main.tf line 3, in output "x":
│    3:   value = aws_instance.x.id
╵
`,
    says: "Error: Reference to undeclared resource",
  },
  {
    tool: "ansible",
    output: `TASK [copy] ********************************************************************
fatal: [web1]: FAILED! => {"changed": false, "msg": "Could not find or access 'a'"}

PLAY RECAP *********************************************************************
web1 : ok=1 changed=0 unreachable=0 failed=1 skipped=0
`,
    says: 'fatal: [web1]: FAILED! => {"changed": false, "msg": "Could not find or access \'a\'"}',
  },
  {
    tool: "kubectl",
    output: 'Error from server (NotFound): pods "nope" not found\n',
    says: 'Error from server (NotFound): pods "nope" not found',
  },
  {
    tool: "helm",
    output: "Error: INSTALLATION FAILED: cannot re-use a name that is still in use\n",
    says: "Error: INSTALLATION FAILED: cannot re-use a name that is still in use",
  },
  {
    tool: "aws",
    output: `upload failed: ./a to s3://nope/a An error occurred (NoSuchBucket) when calling the PutObject operation: The specified bucket does not exist
`,
    says: "upload failed: ./a to s3://nope/a An error occurred (NoSuchBucket) when calling the PutObject operation: The specified bucket does not exist",
  },
  {
    tool: "systemctl",
    output: `Job for nginx.service failed because the control process exited with error code.
See "systemctl status nginx.service" and "journalctl -xeu nginx.service" for details.
`,
    says: "Job for nginx.service failed because the control process exited with error code.",
  },
  {
    tool: "bash, whose child was killed",
    output: "loading\n./train.sh: line 7: 13501 Killed                  python3 train.py\n",
    says: "./train.sh: line 7: 13501 Killed                  python3 train.py",
  },
  {
    tool: "a program with a log of its own",
    output: `2026-11-26T00:30:00Z INFO  starting
2026-11-26T00:30:01Z ERROR cannot bind 0.0.0.0:80
2026-11-26T00:30:01Z INFO  bye
`,
    says: "ERROR cannot bind 0.0.0.0:80",
  },
  {
    tool: "logrus",
    output: `time="2026-11-26T00:30:00Z" level=info msg="starting"
time="2026-11-26T00:30:01Z" level=fatal msg="no such host"
`,
    says: 'time="2026-11-26T00:30:01Z" level=fatal msg="no such host"',
  },
  {
    tool: "just",
    output: `cp a b
cp: cannot stat 'a': No such file or directory
error: Recipe \`copy\` failed on line 2 with exit code 1
`,
    says: "cp: cannot stat 'a': No such file or directory",
  },
  {
    tool: "C++",
    output: `terminate called after throwing an instance of 'std::runtime_error'
  what():  no host
Aborted (core dumped)
`,
    says: "terminate called after throwing an instance of 'std::runtime_error': what():  no host",
    at: "terminate called",
  },
  {
    tool: "webpack",
    output: `assets by status 1.2 KiB [emitted]

ERROR in ./src/index.js 1:0-20
Module not found: Error: Can't resolve './nope' in '/srv/src'

webpack 5.90.0 compiled with 1 error in 120 ms
`,
    says: "ERROR in ./src/index.js 1:0-20: Module not found: Error: Can't resolve './nope' in '/srv/src'",
    at: "ERROR in",
  },
];
