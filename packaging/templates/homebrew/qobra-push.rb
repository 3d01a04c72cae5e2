# Made by packaging/manifests: changed there, not here.
class QobraPush < Formula
  desc "$description"
  homepage "$home"
  version "$version"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "${archives}aarch64-apple-darwin.tar.gz"
      sha256 "$sha256_aarch64_apple_darwin"
    end
    on_intel do
      url "${archives}x86_64-apple-darwin.tar.gz"
      sha256 "$sha256_x86_64_apple_darwin"
    end
  end

  on_linux do
    on_arm do
      url "${archives}aarch64-unknown-linux-musl.tar.gz"
      sha256 "$sha256_aarch64_unknown_linux_musl"
    end
    on_intel do
      url "${archives}x86_64-unknown-linux-musl.tar.gz"
      sha256 "$sha256_x86_64_unknown_linux_musl"
    end
  end

  def install
    bin.install "qobra-push"
    man1.install "qobra-push.1"
    bash_completion.install "completions/qobra-push.bash" => "qobra-push"
    zsh_completion.install "completions/_qobra-push"
    fish_completion.install "completions/qobra-push.fish"
    doc.install "README.md", "CHANGELOG.md", "examples"
  end

  test do
    (testpath/"deals.csv").write "id,name\n1,One\n2,Two\n"
    pushed = shell_output("#{bin}/qobra-push deals.csv -t deals --all --debounce 900 --sandbox 2>&1")
    assert_match "now holds 2 records", pushed
  end
end
