
set edit:completion:arg-completer[qobra-push] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) COMPLETE="elvish" qobra-push -- $@words) | to-lines
}

