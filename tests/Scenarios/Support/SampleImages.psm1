# Images made by hand, byte for byte, and pushed by skopeo: what a registry is told to keep is known exactly.

# A layer: bytes nobody can compress, the same for the same seed.
function New-Layer {
    param([int] $Seed, [int] $Bytes)
    $content = [byte[]]::new($Bytes)
    [Random]::new($Seed).NextBytes($content)
    New-Content $content
}

function New-Content {
    param([byte[]] $Bytes)
    [pscustomobject]@{ Bytes = $Bytes; Hex = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($Bytes)).ToLowerInvariant() }
}

function New-JsonContent {
    param($Value)
    New-Content ([Text.Encoding]::UTF8.GetBytes(($Value | ConvertTo-Json -Depth 9 -Compress)))
}

# An image of the one or the other manifest family.
function New-Image {
    param([object[]] $Layer, [switch] $Oci, [string] $Architecture = 'amd64', [Collections.IDictionary] $Annotations)
    $prefix = if ($Oci) { 'application/vnd.oci.image' } else { 'application/vnd.docker' }
    $config = New-JsonContent ([ordered]@{
            architecture = $Architecture; os = 'linux'; config = @{}
            rootfs       = @{ type = 'layers'; diff_ids = @($Layer | ForEach-Object { "sha256:$($_.Hex)" }) }
        })
    $manifest = [ordered]@{
        schemaVersion = 2
        mediaType     = $Oci ? "$prefix.manifest.v1+json" : "$prefix.distribution.manifest.v2+json"
        config        = [ordered]@{ mediaType = $Oci ? "$prefix.config.v1+json" : "$prefix.container.image.v1+json"; size = $config.Bytes.Length; digest = "sha256:$($config.Hex)" }
        layers        = @($Layer | ForEach-Object {
                [ordered]@{ mediaType = $Oci ? "$prefix.layer.v1.tar+gzip" : "$prefix.image.rootfs.diff.tar.gzip"; size = $_.Bytes.Length; digest = "sha256:$($_.Hex)" }
            })
    }
    if ($Annotations) { $manifest.annotations = $Annotations }
    [pscustomobject]@{ Manifest = New-JsonContent $manifest; MediaType = $manifest.mediaType; Architecture = $Architecture; Children = @(); Blobs = @($config) + $Layer }
}

# An OCI index over images of several platforms.
function New-Index {
    param([object[]] $Image)
    $index = [ordered]@{
        schemaVersion = 2
        mediaType     = 'application/vnd.oci.image.index.v1+json'
        manifests     = @($Image | ForEach-Object {
                [ordered]@{ mediaType = $_.MediaType; size = $_.Manifest.Bytes.Length; digest = "sha256:$($_.Manifest.Hex)"; platform = [ordered]@{ architecture = $_.Architecture; os = 'linux' } }
            })
    }
    [pscustomobject]@{ Manifest = New-JsonContent $index; MediaType = $index.mediaType; Architecture = $null; Children = $Image; Blobs = @($Image.Blobs) }
}

# Pushes an image as it is, and gives what was pushed.
function Push-Image {
    param([string] $Registry, [string] $Repository, [string] $Tag, $Image, [string] $Folder, [string] $Credential)
    $login = $Credential ? @('--dest-creds', $Credential) : @()
    $directory = (New-Item -ItemType Directory "$Folder/$([guid]::NewGuid().ToString('n'))").FullName
    # skopeo's own format for directories: https://github.com/containers/image/blob/main/directory/directory_transport.go
    Set-Content "$directory/version" 'Directory Transport Version: 1.1' -NoNewline
    [IO.File]::WriteAllBytes("$directory/manifest.json", $Image.Manifest.Bytes)
    foreach ($child in $Image.Children) { [IO.File]::WriteAllBytes("$directory/$($child.Manifest.Hex).manifest.json", $child.Manifest.Bytes) }
    foreach ($blob in $Image.Blobs) { [IO.File]::WriteAllBytes("$directory/$($blob.Hex)", $blob.Bytes) }
    $said = skopeo --insecure-policy copy --all --preserve-digests --dest-tls-verify=false @login "dir:$directory" "docker://$(([uri] $Registry).Authority)/${Repository}:$Tag" 2>&1
    if ($LASTEXITCODE -ne 0) { throw "skopeo could not push ${Repository}:$Tag`: $said" }
    Remove-Item $directory -Recurse
    [pscustomobject]@{
        Name   = "${Repository}:$Tag"; Repository = $Repository; Tag = $Tag; Digest = "sha256:$($Image.Manifest.Hex)"
        # Every content the registry keeps for it, by digest.
        Stored = @($Image.Manifest) + $Image.Children.Manifest + $Image.Blobs | Where-Object { $_ } | ForEach-Object { [pscustomobject]@{ Hex = $_.Hex; Size = $_.Bytes.Length } }
    }
}

Export-ModuleMember -Function New-Layer, New-Image, New-Index, Push-Image
